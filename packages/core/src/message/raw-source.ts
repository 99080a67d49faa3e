import { MailError } from '../failure/mail-error.ts'
import { bytesSource, type ContentSource } from './content-source.ts'

/** How much of a raw message is looked at: nearly every header section is shorter. */
const HEAD_OCTETS = 65_536
const BYTE_ORDER_MARK = '\xEF\xBB\xBF'
/** The first line of a message in a mailbox file (RFC 4155). `From :` is a header field in its obsolete form. */
const MBOX_LINE = /^>?From (?![\t ]*:)[^\r\n]*(?:\r\n|\r|\n)/
const FIELD = /^[!-9;-~]+[ \t]*:/
const END_OF_HEADER = /\n\r?\n|\r\r/
/** With something in it: an empty Bcc shows nobody (RFC 5322 section 3.6.3). */
const BCC = /(?:^|[\r\n])(?:resent-)?bcc[ \t]*:(?:[ \t]|(?:\r\n|\r|\n)[ \t])*[^\s]/i

let warned = false

/**
 * A message that was built elsewhere, beginning with its header section. A byte order mark and the `From ` line of a mailbox
 * file are removed. If the header section has a Bcc field, which every recipient would see, the process warns once.
 *
 * @throws MailError `compose/invalid-message` if it does not begin with a header field; if it is not in memory, reading it
 * throws
 */
export function rawSource(source: ContentSource): ContentSource {
  const { bytes } = source
  if (bytes) {
    const from = startOf(bytes)
    if (from === 0) return source
    return bytesSource(bytes.subarray(from))
  }
  return { replayable: source.replayable, open: (reading) => withHead(source.open(reading), fromStart) }
}

/** Holds the first chunks until the header section is complete, and changes them. */
export async function* withHead(
  chunks: AsyncIterable<Uint8Array>,
  change: (head: Buffer) => Uint8Array,
): AsyncGenerator<Uint8Array> {
  let held: Buffer[] | undefined = []
  let octets = 0
  let end = ''
  for await (const chunk of chunks) {
    if (!held) yield chunk
    else {
      // A copy: the memory of a chunk may be used again for the next one.
      const copy = Buffer.from(chunk)
      held.push(copy)
      octets += copy.length
      const text = end + copy.toString('latin1')
      end = text.slice(-3)
      if (octets < HEAD_OCTETS && !END_OF_HEADER.test(text)) continue
      yield change(Buffer.concat(held))
      held = undefined
    }
  }
  if (held) yield change(Buffer.concat(held))
}

/** The header section, as far as it is looked at, with one character for each octet. */
export function headerOf({ buffer, byteOffset, byteLength }: Uint8Array): string {
  const head = Buffer.from(buffer, byteOffset, Math.min(byteLength, HEAD_OCTETS)).toString('latin1')
  const end = head.search(END_OF_HEADER)
  return end < 0 ? head : head.slice(0, end)
}

function fromStart(head: Buffer): Buffer {
  return head.subarray(startOf(head))
}

/** Where the message begins in its bytes. */
function startOf(bytes: Uint8Array): number {
  const { buffer, byteOffset, byteLength } = bytes
  const head = Buffer.from(buffer, byteOffset, Math.min(byteLength, HEAD_OCTETS)).toString('latin1')
  if (head.startsWith('\xFF\xFE') || head.startsWith('\xFE\xFF'))
    throw invalid('raw is in UTF-16: encode it as UTF-8, or in the charset that its header names')
  let from = head.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0
  from += MBOX_LINE.exec(head.slice(from))?.[0].length ?? 0
  const message = from === 0 ? head : head.slice(from)
  const [line] = /^[^\r\n]*/.exec(message)!
  if (message === '') throw invalid('raw is empty: it must be a whole message, which begins with its header')
  if (line.trim() === '')
    throw invalid('raw begins with an empty line, so the message would have no header: remove that line')
  if (!FIELD.test(line))
    throw invalid(
      `raw must begin with a header field such as "From: ann@example.com", but its first line is ${JSON.stringify(line.slice(0, 60))}`,
    )
  if (!warned && BCC.test(headerOf(bytes.subarray(from)))) warnOfBcc()
  return from
}

function warnOfBcc(): void {
  warned = true
  process.emitWarning(
    'A raw message has a Bcc field. It is sent as it is, so every recipient can read who gets a blind copy. Remove the field: the recipients are those in envelope.to.',
    'LoudmailWarning',
  )
}

function invalid(summary: string): MailError {
  return new MailError({ stage: 'compose', kind: 'invalid-message', summary })
}
