import { hash } from 'node:crypto'
import type { MailNews, NewsType } from '../mail-news.ts'
import { remoteReply } from '../remote-reply.ts'
import { whyOf } from '../why.ts'
import type { DeliveryReport, OriginalMessage, ReportedRecipient } from './report.ts'
import { dateOf, fieldOf, hostOf, plain, readFields, typedValue, type Fields } from './report-fields.ts'
import { reasonsInText } from './reasons-in-text.ts'
import { fromXtext, reportedAddress } from './reported-address.ts'

/** A delivery status notification, and the news in it. */
export interface ReadDeliveryReport {
  readonly report: DeliveryReport
  readonly news: readonly MailNews[]
}

/** What is known from outside the report. */
export interface ReportContext {
  /** Identifies the report: the same each time that it is read. */
  readonly name: string
  /** The Message-ID of the original message. */
  readonly messageId: string | undefined
  /** What the report says to people. */
  readonly text: string
  /** When the report was written. */
  readonly at: Date
}

/** No report tells of more recipients than this. */
export const MOST_RECIPIENTS = 2_000

/**
 * `relayed` and `expanded` are missing: the message is on its way to where nobody reports, or behind a list, and may still
 * bounce (RFC 3464 section 2.3.3).
 */
const NEWS: Readonly<Record<string, NewsType>> = {
  failed: 'bounced',
  delayed: 'deferred',
  delivered: 'delivered',
}

/**
 * Reads `message/delivery-status` (RFC 3464) or `message/global-delivery-status` (RFC 6533).
 *
 * @returns undefined if it tells of too many recipients
 */
export function readDeliveryReport(
  content: Uint8Array,
  context: ReportContext,
): ReadDeliveryReport | undefined {
  const [message = new Map<string, string[]>(), ...others] = readFields(content)
  // Some servers leave out the empty line between the message and its only recipient.
  const groups = isOfRecipient(message) ? [message, ...others] : others
  const told = groups.filter(isOfRecipient)
  if (told.length > MOST_RECIPIENTS) return undefined
  const original: OriginalMessage = {
    messageId: context.messageId,
    envelopeId: envelopeIdOf(message),
  }
  const recipients = told.map(readRecipient)
  const reasons = reasonsInText(context.text)
  return {
    report: {
      type: 'dsn',
      ...original,
      reportedBy: hostOf(fieldOf(message, 'reporting-mta')),
      arrivedAt: dateOf(fieldOf(message, 'arrival-date')),
      recipients,
    },
    news: recipients.flatMap((one, index) => newsOf(one, index, told[index]!, context, reasons)),
  }
}

/** Exim repeats it in xtext. */
export function envelopeIdOf(fields: Fields): string | undefined {
  const told = fieldOf(fields, 'original-envelope-id')
  return told === undefined ? undefined : fromXtext(told)
}

function isOfRecipient(fields: Fields): boolean {
  return fields.has('final-recipient') || fields.has('original-recipient') || fields.has('action')
}

function readRecipient(fields: Fields): ReportedRecipient {
  const finalRecipient = reportedAddress(fieldOf(fields, 'final-recipient'))
  return {
    recipient: reportedAddress(fieldOf(fields, 'original-recipient')) ?? finalRecipient,
    finalRecipient,
    action: /^[\w-]*/.exec(fieldOf(fields, 'action') ?? '')![0].toLowerCase(),
    status: /^[245]\.\d{1,3}\.\d{1,3}(?!\d)/.exec(fieldOf(fields, 'status') ?? '')?.[0],
    diagnosticCode: fieldOf(fields, 'diagnostic-code'),
    remoteMta: hostOf(fieldOf(fields, 'remote-mta')),
    lastAttemptAt: dateOf(fieldOf(fields, 'last-attempt-date')),
    willRetryUntil: dateOf(fieldOf(fields, 'will-retry-until')),
  }
}

function newsOf(
  told: ReportedRecipient,
  index: number,
  fields: Fields,
  context: ReportContext,
  reasons: ReadonlyMap<string, string>,
): MailNews[] {
  const type = Object.hasOwn(NEWS, told.action) ? NEWS[told.action] : undefined
  if (type === undefined || told.recipient === undefined) return []
  const { name, messageId, at } = context
  return [
    {
      type,
      from: 'dsn',
      id: hash('sha256', JSON.stringify([name, index])).slice(0, 32),
      at: told.lastAttemptAt ?? at,
      recipient: told.recipient,
      messageId,
      ...(type !== 'delivered' && { why: why(told, type, messageId, reasons) }),
      raw: plain(fields),
    },
  ]
}

function why(
  told: ReportedRecipient,
  type: NewsType,
  messageId: string | undefined,
  reasons: ReadonlyMap<string, string>,
): MailNews['why'] {
  const { recipient, status, diagnosticCode } = told
  const words = typedValue(diagnosticCode)?.value ?? diagnosticCode ?? reasonFor(told, reasons)
  const isReply = words !== undefined && remoteReply(words).reply !== undefined
  // The delivery time expired (RFC 3463 section 3.5): a reason for now, whatever the class says. Exim says so in words.
  const isExpired = !isReply && (status?.endsWith('.4.7') || /retry time-?out exceeded/i.test(words ?? ''))
  return whyOf({
    recipient: recipient!,
    provider: 'dsn',
    type: type === 'deferred' ? 'deferred' : 'bounced',
    reply: words,
    enhanced: status,
    ...(isExpired && { kind: 'timeout', permanence: 'transient' }),
    messageId,
  })
}

/** The reason in the text, if the status says nothing. */
function reasonFor(
  { recipient, finalRecipient, status }: ReportedRecipient,
  reasons: ReadonlyMap<string, string>,
): string | undefined {
  if (status !== undefined && !status.endsWith('.0.0')) return undefined
  return (reasons.get(finalRecipient ?? '') ?? reasons.get(recipient!))?.replace(/^Delay reason: /, '')
}
