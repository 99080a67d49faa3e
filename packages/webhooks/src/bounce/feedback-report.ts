import { hash } from 'node:crypto'
import type { MailNews, NewsType } from '../mail-news.ts'
import { whyOf } from '../why.ts'
import { envelopeIdOf, MOST_RECIPIENTS, type ReportContext } from './delivery-report.ts'
import type { FeedbackReport } from './report.ts'
import { dateOf, fieldOf, hostOf, plain, readFields, type Fields } from './report-fields.ts'
import { addressIn } from './reported-address.ts'

/** A feedback report, and the news in it. */
export interface ReadFeedbackReport {
  readonly report: FeedbackReport
  readonly news: readonly MailNews[]
}

/**
 * What the types mean (RFC 5965 section 7.3 and the IANA registry of feedback types). `not-spam` says the opposite, and
 * `auth-failure` and `dmarc` come from no recipient: they are no news.
 */
const NEWS: Readonly<Record<string, NewsType>> = {
  abuse: 'complained',
  fraud: 'complained',
  virus: 'complained',
  other: 'complained',
  'opt-out': 'unsubscribed',
  'opt-out-list': 'unsubscribed',
}

/**
 * Reads `message/feedback-report` (RFC 5965).
 *
 * @returns undefined if it has too many recipients
 */
export function readFeedbackReport(
  content: Uint8Array,
  context: ReportContext,
): ReadFeedbackReport | undefined {
  const [fields = new Map<string, string[]>()] = readFields(content)
  const told = fields.get('original-rcpt-to') ?? []
  if (told.length > MOST_RECIPIENTS) return undefined
  const feedback = /^[\w-]*/.exec(fieldOf(fields, 'feedback-type') ?? '')![0].toLowerCase()
  const recipients = told.map(addressIn).filter((address) => address !== undefined)
  const report: FeedbackReport = {
    type: 'arf',
    messageId: context.messageId,
    envelopeId: envelopeIdOf(fields),
    feedback,
    recipients,
    mailFrom: addressIn(fieldOf(fields, 'original-mail-from') ?? ''),
    arrivedAt: dateOf(fieldOf(fields, 'arrival-date') ?? fieldOf(fields, 'received-date')),
    domain: fieldOf(fields, 'reported-domain'),
    reportedBy: hostOf(fieldOf(fields, 'reporting-mta')),
    sourceIp: fieldOf(fields, 'source-ip'),
    userAgent: fieldOf(fields, 'user-agent'),
  }
  return {
    report,
    news: recipients.flatMap((recipient, index) => newsOf(recipient, index, feedback, fields, context)),
  }
}

function newsOf(
  recipient: string,
  index: number,
  feedback: string,
  fields: Fields,
  { name, messageId, at }: ReportContext,
): MailNews[] {
  const type = Object.hasOwn(NEWS, feedback) ? NEWS[feedback] : undefined
  if (type === undefined) return []
  return [
    {
      type,
      from: 'arf',
      id: hash('sha256', JSON.stringify([name, index])).slice(0, 32),
      at,
      recipient,
      messageId,
      ...(type === 'complained' && { why: whyOf({ recipient, provider: 'arf', type, messageId }) }),
      raw: plain(fields),
    },
  ]
}
