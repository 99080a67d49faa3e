import { hash } from 'node:crypto'
import { checkOptions, configError } from '@loudmail/core/transport'
import type { MailNews } from '../mail-news.ts'
import { boundedContent, type BounceInput } from './bounded-content.ts'
import { readDeliveryReport } from './delivery-report.ts'
import { readFeedbackReport } from './feedback-report.ts'
import type { DeliveryReport, FeedbackReport, OriginalMessage } from './report.ts'
import { dateOf } from './report-fields.ts'
import { isReport, reportParts, type ReportParts } from './report-parts.ts'

/**
 * Why a message brings no news.
 *
 * - `not-a-report`: it is neither a delivery status notification nor a feedback report
 * - `auto-reply`: somebody's program answered, such as an out-of-office reply (RFC 3834)
 * - `nothing-to-tell`: it is a report, and says nothing about what became of the message
 * - `no-recipient`: it is a report, and names no recipient whose address can be read
 * - `not-ours`: `isOurs` does not know the message
 * - `too-large`: the report is longer than 1 MiB, or tells of more than 2,000 recipients
 * - `broken`: it says that it is a report, and cannot be read
 */
export type NoNews =
  | 'not-a-report'
  | 'auto-reply'
  | 'nothing-to-tell'
  | 'no-recipient'
  | 'not-ours'
  | 'too-large'
  | 'broken'

/** What a message said, if it is a report. */
export interface ReadBounce {
  /** One for each recipient; empty if there is a `reason`. */
  readonly news: readonly MailNews[]
  /** All that the report says; undefined if the message is no report. */
  readonly report?: DeliveryReport | FeedbackReport | undefined
  /** Why there is no news; undefined if there is some. */
  readonly reason?: NoNews | undefined
}

/** The message that news is about. */
export interface ReportedMessage extends OriginalMessage {
  /** The recipient that the news is about. */
  readonly recipient: string
}

/** How a bounce is read. */
export interface ReadBounceOptions {
  /**
   * Whether such a message was sent to this recipient. Anybody can write a bounce: without this, all that it says is news.
   * What the function throws is thrown.
   */
  readonly isOurs?: ((message: ReportedMessage) => boolean | Promise<boolean>) | undefined
}

/**
 * Reads a message that came back: a delivery status notification (RFC 3464, RFC 6533) or a feedback report (RFC 5965). It
 * believes what is there, and **anybody can write one**: see `isOurs`. Bounces that do not follow a standard are `not-a-report`.
 *
 * @param message the whole message, header included; of a stream, no more than about 4 MiB is read
 * @throws MailError `config/invalid-config` if it is neither octets, a string nor a stream; what the stream or `isOurs` throws
 */
export async function readBounce(message: BounceInput, options: ReadBounceOptions = {}): Promise<ReadBounce> {
  checkOptions(options, 'readBounce()', { isOurs: true })
  const { isOurs } = options
  if (isOurs !== undefined && typeof isOurs !== 'function') throw configError('isOurs must be a function')
  const { content, isAll } = await boundedContent(message)
  let parts: ReportParts
  try {
    parts = await reportParts(content)
  } catch {
    return { news: [], reason: 'broken' }
  }
  const read = readParts(parts, isAll)
  if (read.news.length === 0 || !isOurs) return read
  const { messageId, envelopeId } = read.report!
  const known: MailNews[] = []
  for (const one of read.news)
    if ((await isOurs({ messageId, envelopeId, recipient: one.recipient })) === true) known.push(one)
  return known.length > 0 ? { ...read, news: known } : { ...read, news: [], reason: 'not-ours' }
}

/** No report is longer, in octets. */
const MOST_OCTETS = 1024 * 1024

function readParts({ header, text, report, original, isWhole }: ReportParts, isAll: boolean): ReadBounce {
  if (!report) return { news: [], reason: withoutReport(header, isAll || isWhole) }
  if ((!isAll && !isWhole) || report.content.length > MOST_OCTETS) return { news: [], reason: 'too-large' }
  const context = {
    name: hash('sha256', `${header.get('message-id') ?? ''}\n${hash('sha256', report.content)}`),
    messageId: messageIdOf(original),
    text,
    at: dateOf(header.get('date')) ?? new Date(),
  }
  if (report.mediaType.includes('disposition')) return { news: [], reason: 'not-a-report' }
  const isFeedback = report.mediaType === 'message/feedback-report'
  const read = (isFeedback ? readFeedbackReport : readDeliveryReport)(report.content, context)
  if (!read) return { news: [], reason: 'too-large' }
  return read.news.length > 0 ? read : { ...read, reason: withoutNews(read.report) }
}

function withoutReport(header: ReadonlyMap<string, string>, isAll: boolean): NoNews {
  if (/^auto-replied\b/i.test(header.get('auto-submitted') ?? '')) return 'auto-reply'
  if (!isReport(header.get('content-type'))) return 'not-a-report'
  return isAll ? 'broken' : 'too-large'
}

function withoutNews(report: DeliveryReport | FeedbackReport): NoNews {
  if (report.type === 'arf') {
    if (report.feedback === '') return 'broken'
    return report.recipients.length === 0 ? 'no-recipient' : 'nothing-to-tell'
  }
  if (report.recipients.length === 0) return 'broken'
  return report.recipients.every(({ recipient }) => recipient === undefined)
    ? 'no-recipient'
    : 'nothing-to-tell'
}

/** With its angle brackets, and only if it is one: it may be put into a log or a query. */
function messageIdOf(original: ReadonlyMap<string, string>): string | undefined {
  return /^\s*(<[!-;=?-~\u0080-\uFFFF]{1,990}>)/.exec(original.get('message-id') ?? '')?.[1]
}
