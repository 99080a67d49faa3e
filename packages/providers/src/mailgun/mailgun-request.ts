import type { ApiRequest } from '../api/call-api.ts'
import { checkLimits } from '../api/limits.ts'
import { mimeBody, type MimeOptions } from '../api/mime-body.ts'
import type { Item } from '../api/provider-api.ts'
import { invalid } from '../api/provider-data.ts'
import type { Support } from '../api/support.ts'
import { formBody, type FormField } from './mailgun-form.ts'

/** What `transportData.mailgun` may contain. */
export interface MailgunData {
  /** Accept the message and do not deliver it. @default false */
  readonly testMode?: boolean | undefined
  /** Whether opens and clicks are tracked. @default as the domain is set up */
  readonly tracking?: boolean | undefined
  /** Whether clicks are tracked; `htmlonly` leaves links in plain text alone. @default as the domain is set up */
  readonly trackingClicks?: boolean | 'htmlonly' | undefined
  /** Whether opens are tracked. @default as the domain is set up */
  readonly trackingOpens?: boolean | undefined
  /** Deliver only over TLS to the server of the recipient, whose certificate must be valid unless `skipVerification` is set. @default as the domain is set up */
  readonly requireTls?: boolean | undefined
  /** Take every certificate of the server of the recipient. @default as the domain is set up */
  readonly skipVerification?: boolean | undefined
  /** Whether Mailgun signs the message with DKIM, also beside a signature from the option `dkim`. @default as the domain is set up */
  readonly dkim?: boolean | undefined
  /** One of your IP addresses to send from. */
  readonly sendingIp?: string | undefined
  /** The id of a pool of your IP addresses to send from. */
  readonly sendingIpPool?: string | undefined
}

export const MAILGUN_FIELDS: Readonly<Record<keyof MailgunData, true>> = {
  testMode: true,
  tracking: true,
  trackingClicks: true,
  trackingOpens: true,
  requireTls: true,
  skipVerification: true,
  dkim: true,
  sendingIp: true,
  sendingIpPool: true,
}

/** The fields of {@link MailgunData} that are a yes or a no, and their names in the form. */
const FLAGS = {
  testMode: 'o:testmode',
  tracking: 'o:tracking',
  trackingClicks: 'o:tracking-clicks',
  trackingOpens: 'o:tracking-opens',
  requireTls: 'o:require-tls',
  skipVerification: 'o:skip-verification',
  dkim: 'o:dkim',
} as const
const TEXTS = { sendingIp: 'o:sending-ip', sendingIpPool: 'o:sending-ip-pool' } as const
/** Mailgun drops the tags beyond these without a word. */
const MOST_TAGS = 10
const TAG = /^[ -~]{1,128}$/

/** What stays the same for all messages of a transport. */
interface Settings {
  readonly path: string
  readonly mime: MimeOptions
  readonly support: Support
}

/** @see https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/messages */
export async function mailgunRequest(
  { message, data, signal }: Item<MailgunData>,
  { path, mime, support }: Settings,
): Promise<ApiRequest> {
  const { tags = [], metadata = {}, sendAt, own } = data
  const fields: FormField[] = [
    ...message.envelope.to.map((address): FormField => ['to', address]),
    ...checkedTags(tags).map((tag): FormField => ['o:tag', tag]),
    ...Object.entries(metadata).map(([name, value]): FormField => [`v:${name}`, value]),
    ...ownFields(own),
    ...deliveryTime(sendAt),
  ]
  const composed = await mimeBody(message, { ...mime, signal })
  checkLimits(message, composed, support, 'Mailgun')
  const file = { name: 'message', filename: 'message.eml', bytes: composed.bytes }
  return { method: 'POST', path, ...formBody(fields, file) }
}

function checkedTags(tags: readonly string[]): readonly string[] {
  if (tags.length > MOST_TAGS)
    throw invalid(`transportData.tags has ${tags.length} tags, and Mailgun keeps only ${MOST_TAGS}`)
  if (!tags.every((tag) => TAG.test(tag)))
    throw invalid('a tag at Mailgun has 1 to 128 ASCII characters, and one of transportData.tags has not')
  return tags
}

function ownFields(own: MailgunData): FormField[] {
  const fields: FormField[] = []
  for (const [name, field] of Object.entries(FLAGS) as [keyof typeof FLAGS, string][]) {
    const value = own[name]
    if (value === undefined) continue
    const isText = name === 'trackingClicks' && value === 'htmlonly'
    if (typeof value !== 'boolean' && !isText)
      throw invalid(`transportData.mailgun.${name} must be true or false`)
    fields.push([field, isText ? 'htmlonly' : value ? 'yes' : 'no'])
  }
  for (const [name, field] of Object.entries(TEXTS) as [keyof typeof TEXTS, string][]) {
    const value = own[name]
    if (value === undefined) continue
    if (typeof value !== 'string' || value === '')
      throw invalid(`transportData.mailgun.${name} must be a text`)
    fields.push([field, value])
  }
  return fields
}

/** As a date of RFC 2822. Nothing if it is over. */
function deliveryTime(sendAt: Date | string | undefined): FormField[] {
  if (sendAt === undefined) return []
  const date = new Date(sendAt)
  if (date.getTime() <= Date.now()) return []
  return [['o:deliverytime', date.toUTCString().replace(/GMT$/, '+0000')]]
}
