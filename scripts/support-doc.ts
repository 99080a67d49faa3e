// Writes the table of docs/providers.md from the code of @loudmail/providers: node scripts/support-doc.ts
import { readFileSync, writeFileSync } from 'node:fs'
import type { Support } from '../packages/providers/src/api/support.ts'
import { BREVO_SUPPORT } from '../packages/providers/src/brevo/brevo.ts'
import { GMAIL_SUPPORT } from '../packages/providers/src/gmail/gmail.ts'
import { MAILGUN_SUPPORT } from '../packages/providers/src/mailgun/mailgun.ts'
import { MICROSOFT_GRAPH_SUPPORT } from '../packages/providers/src/microsoft-graph/microsoft-graph.ts'
import { POSTMARK_SUPPORT } from '../packages/providers/src/postmark/postmark.ts'
import { RESEND_SUPPORT } from '../packages/providers/src/resend/resend.ts'
import { SENDGRID_SUPPORT } from '../packages/providers/src/sendgrid/sendgrid.ts'
import { SES_SUPPORT } from '../packages/providers/src/ses/ses.ts'

const ALL: Readonly<Record<string, Support>> = {
  resend: RESEND_SUPPORT,
  postmark: POSTMARK_SUPPORT,
  ses: SES_SUPPORT,
  sendgrid: SENDGRID_SUPPORT,
  mailgun: MAILGUN_SUPPORT,
  brevo: BREVO_SUPPORT,
  microsoftGraph: MICROSOFT_GRAPH_SUPPORT,
  gmail: GMAIL_SUPPORT,
}

const HOUR_MS = 3_600_000

const ROWS: readonly (readonly [what: string, cell: (support: Support) => string])[] = [
  ['the message as it is composed here, DKIM and `raw`', ({ mime }) => yes(mime)],
  ['attachments', ({ attachments }) => yes(attachments)],
  ['images in HTML (`contentId`)', ({ inlineImages }) => yes(inlineImages)],
  ['invitations (`calendar`)', ({ calendar }) => yes(calendar)],
  ['`tags`', ({ tags }) => yes(tags)],
  ['`metadata`', ({ metadata }) => yes(metadata)],
  ['`sendAt`, at most ahead', ({ scheduleMs }) => span(scheduleMs)],
  ['`idempotencyKey`, remembered for', ({ idempotencyMs }) => span(idempotencyMs)],
  ['`batch`, messages in a request', ({ batch }) => (batch > 1 ? String(batch) : '-')],
  ['recipients of a message', ({ recipients }) => (Number.isFinite(recipients) ? String(recipients) : '')],
  [
    'largest message, in MB',
    ({ octets }) => (Number.isFinite(octets) ? String(Math.round(octets / 1e6)) : ''),
  ],
  ['refuses single recipients', ({ perRecipient }) => yes(perRecipient)],
  ['`verify()` asks the provider', ({ verify }) => yes(verify)],
  ['news by', ({ webhook }) => (webhook === undefined ? 'bounces by mail' : `\`${webhook}\``)],
]

function yes(value: boolean): string {
  return value ? 'yes' : '-'
}

function span(ms: number): string {
  if (ms === 0) return '-'
  if (!Number.isFinite(ms)) return 'any time'
  if (ms % (24 * HOUR_MS) === 0 && ms > 24 * HOUR_MS) return `${ms / (24 * HOUR_MS)} days`
  return ms >= HOUR_MS ? `${ms / HOUR_MS} hours` : `${ms / 60_000} minutes`
}

/** The table of what each provider supports. */
export function supportTable(): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [
    row(['', ...Object.keys(ALL).map((name) => `\`${name}\``)]),
    row(['---', ...Object.keys(ALL).map(() => '---')]),
    ...ROWS.map(([what, cell]) => row([what, ...Object.values(ALL).map(cell)])),
  ].join('\n')
}

/** A text with the table between its two marks. */
export function withSupportTable(text: string): string {
  return text.replace(
    /(<!-- support: .* -->\n)[^]*?(<!-- end of support -->)/,
    (_all, start: string, end: string) => `${start}\n${supportTable()}\n\n${end}`,
  )
}

if (import.meta.main) {
  const path = new URL('../docs/providers.md', import.meta.url)
  writeFileSync(path, withSupportTable(readFileSync(path, 'utf8')))
}
