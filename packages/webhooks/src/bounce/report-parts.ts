import { splitMessage } from '@loudmail/mime/read'
import PostalMime, { decodeWords, type Email } from 'postal-mime'

/** The parts of a message that are read here. */
export interface ReportParts {
  /** The header fields of the message, by name in small letters; the first of each. */
  readonly header: ReadonlyMap<string, string>
  /** The report in it, if there is one that programs can read (RFC 6522). */
  readonly report?: { readonly mediaType: string; readonly content: Uint8Array } | undefined
  /** What it says to people; empty if there is nothing. */
  readonly text: string
  /** The header fields of the message that it is about. */
  readonly original: ReadonlyMap<string, string>
  /** Whether something stands behind the report: then it is whole, even if the message was not read to its end. */
  readonly isWhole: boolean
}

const LIMITS = { maxNestingDepth: 1_000, maxRfc822NestingDepth: 0 }
/** This much of the header and the text is read, in octets: parsing takes long if lines are short. */
const MOST_TEXT = 65_536
const REPORTS = [
  'message/delivery-status',
  'message/global-delivery-status',
  'message/feedback-report',
  'message/disposition-notification',
  'message/global-disposition-notification',
]
const ORIGINALS = ['message/rfc822', 'message/global', 'text/rfc822-headers', 'message/global-headers']

/**
 * Takes apart a message that may be a report.
 *
 * @throws Error if it has too many parts, or is nested too deep
 */
export async function reportParts(content: Uint8Array): Promise<ReportParts> {
  const { attached, rest } = splitMessage(content, decodeWords)
  const { headers, text = '' } = await PostalMime.parse(rest.subarray(0, MOST_TEXT), LIMITS)
  const header = firstOfEach(headers)
  const type = header.get('content-type') ?? ''
  // OpenSMTPD sends the parts of a report as multipart/mixed. Whoever attaches a report to a letter calls it an attachment.
  const isMixed = /^multipart\/mixed\s*(?:;|$)/i.test(type)
  if (!isMixed && !isReport(type)) return { header, text, original: new Map(), isWhole: true }
  const found = attached.findIndex(({ type: one }) => REPORTS.includes(one))
  const place = isMixed && (found > 0 || attached[0]?.disposition === 'attachment') ? -1 : found
  const report = attached[place]
  if (!report) return { header, text, original: new Map(), isWhole: false }
  const behind = attached.slice(place + 1)
  const original = behind.find(({ type: one }) => ORIGINALS.includes(one))
  return {
    header,
    text,
    report: { mediaType: report.type, content: report.content },
    original: original ? await headerOf(original.content) : new Map(),
    isWhole: behind.length > 0,
  }
}

/** Whether a Content-Type is that of a report (RFC 6522). */
export function isReport(contentType: string | undefined): boolean {
  return /^multipart\/report\s*(?:;|$)/i.test(contentType ?? '')
}

async function headerOf(message: Buffer): Promise<ReadonlyMap<string, string>> {
  const head = message.toString('latin1', 0, MOST_TEXT)
  const end = /\r?\n\r?\n/.exec(head)?.index ?? head.length
  const { headers } = await PostalMime.parse(message.subarray(0, end))
  return firstOfEach(headers)
}

function firstOfEach(headers: Email['headers']): ReadonlyMap<string, string> {
  return new Map(headers.toReversed().map(({ key, value }) => [key, value]))
}
