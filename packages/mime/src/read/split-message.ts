import { decodeTransfer } from './decode-transfer.ts'
import { findParts, isMessage, type FoundPart } from './find-parts.ts'
import type { DecodeWords } from './parameters.ts'

/** A file in a message, or a message in it. */
export interface AttachedPart {
  /** Decoded; undefined if it has none. */
  readonly filename: string | undefined
  /** In lower case, without parameters. */
  readonly type: string
  /** In lower case, without parameters; empty if it has none. */
  readonly disposition: string
  /** With its angle brackets, as it stands there. */
  readonly contentId: string | undefined
  /** Exactly the octets that were put into the message. */
  readonly content: Buffer
}

/** A message apart from the files and the messages in it. */
export interface SplitMessage {
  /** In the order of the message. */
  readonly attached: readonly AttachedPart[]
  /** The same message with all texts, in which the attached parts are empty. */
  readonly rest: Buffer
}

/** How deep messages in messages are read. Those that are deeper are attached parts. */
const MESSAGES_MAX = 2

/**
 * Takes the attached parts out of a message (RFC 2045 to 2047, 2183, 2231). Whatever cannot be read stays
 * in the rest. It takes time and memory in proportion to the size of the message, whatever its structure.
 *
 * @param decodeWords decodes encoded words (RFC 2047) in any character set
 * @throws Error if there are more than 10,000 parts
 */
export function splitMessage(message: Uint8Array, decodeWords: DecodeWords): SplitMessage {
  const content = Buffer.from(message.buffer, message.byteOffset, message.byteLength)
  const found = findParts(content, MESSAGES_MAX, decodeWords)
  // A report about a message contains that message as evidence: its text is not the text of the report.
  const isReport = found.some(({ depth, type }) => depth === 0 && REPORTS.has(type.value))
  const isShown = (part: FoundPart): boolean => isMessage(part) && !isReport && part.depth < MESSAGES_MAX
  const parts = isReport ? found.filter(({ depth }) => depth === 0) : found
  const kept: Buffer[] = []
  let position = 0
  const attached = parts.flatMap((part) => {
    const isRead = isText(part) || isShown(part)
    const filename = nameOf(part, decodeWords)
    if (!isRead && part.start >= position) {
      kept.push(content.subarray(position, part.start))
      position = part.end
    }
    return isText(part) && filename === undefined ? [] : attachedPart(content, part, filename)
  })
  if (position === 0) return { attached, rest: content }
  return { attached, rest: Buffer.concat([...kept, content.subarray(position)]) }
}

const REPORTS: ReadonlySet<string> = new Set(['message/delivery-status', 'message/feedback-report'])

/** Whether it is shown as the text of the message. */
function isText({ type, disposition }: FoundPart): boolean {
  return disposition.value !== 'attachment' && (type.value === 'text/plain' || type.value === 'text/html')
}

function nameOf({ type, disposition }: FoundPart, decodeWords: DecodeWords): string | undefined {
  const name = disposition.parameters.get('filename') || type.parameters.get('name')
  return name ? decodeWords(name) : undefined
}

function attachedPart(content: Buffer, part: FoundPart, filename: string | undefined): AttachedPart {
  const { type, disposition, encoding, contentId, start, end } = part
  return {
    filename,
    type: type.value || 'application/octet-stream',
    disposition: disposition.value,
    contentId,
    // Decoded on demand: who lists the names only does not wait for it.
    get content() {
      return decodeTransfer(content.subarray(start, end), encoding)
    },
  }
}
