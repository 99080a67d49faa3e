import PostalMime, { type Email } from 'postal-mime'

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

const LIMITS = { forceRfc822Attachments: true, maxNestingDepth: 20, maxHeadersSize: 262_144 }
const REPORTS = [
  'message/delivery-status',
  'message/global-delivery-status',
  'message/feedback-report',
  'message/disposition-notification',
  'message/global-disposition-notification',
]
const ORIGINALS = ['message/rfc822', 'message/global', 'text/rfc822-headers', 'message/global-headers']
/** No header of an original message is read further, in octets. */
const MOST_HEADER = 65_536

/**
 * Takes apart a message that may be a report.
 *
 * @throws Error if it is nested too deep, or has too long a header
 */
export async function reportParts(content: Uint8Array): Promise<ReportParts> {
  const { headers, attachments, text = '' } = await PostalMime.parse(content, LIMITS)
  const header = firstOfEach(headers)
  const type = header.get('content-type') ?? ''
  // OpenSMTPD sends the parts of a report as multipart/mixed. Whoever attaches a report to a letter calls it an attachment.
  const isMixed = /^multipart\/mixed\s*(?:;|$)/i.test(type)
  if (!isMixed && !isReport(type)) return { header, text, original: new Map(), isWhole: true }
  const found = attachments.findIndex(({ mimeType }) => REPORTS.includes(mimeType))
  const place = isMixed && (found > 0 || attachments[0]?.disposition === 'attachment') ? -1 : found
  const report = attachments[place]
  if (!report) return { header, text, original: new Map(), isWhole: false }
  const behind = attachments.slice(place + 1)
  const original = behind.find(({ mimeType }) => ORIGINALS.includes(mimeType))
  return {
    header,
    text,
    report: { mediaType: report.mimeType, content: octetsOf(report.content) },
    original: original ? await headerOf(octetsOf(original.content)) : new Map(),
    isWhole: behind.length > 0,
  }
}

/** Whether a Content-Type is that of a report (RFC 6522). */
export function isReport(contentType: string | undefined): boolean {
  return /^multipart\/report\s*(?:;|$)/i.test(contentType ?? '')
}

async function headerOf(message: Uint8Array): Promise<ReadonlyMap<string, string>> {
  const head = Buffer.from(message.subarray(0, MOST_HEADER)).toString('latin1')
  const end = /\r?\n\r?\n/.exec(head)?.index ?? head.length
  const { headers } = await PostalMime.parse(message.subarray(0, end))
  return firstOfEach(headers)
}

function firstOfEach(headers: Email['headers']): ReadonlyMap<string, string> {
  return new Map(headers.toReversed().map(({ key, value }) => [key, value]))
}

function octetsOf(content: ArrayBuffer | Uint8Array | string): Uint8Array {
  return typeof content === 'string' ? Buffer.from(content) : new Uint8Array(content)
}
