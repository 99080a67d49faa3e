import { extensionType } from './extension-type.ts'
import type { Attachment } from './message.ts'
import { SIGNATURE_OCTETS, signatureType } from './signature-type.ts'
import { textCharset } from './text-charset.ts'

/** How much of a text decides about its charset if it is not in memory, in octets. */
const TEXT_OCTETS = 1_048_576

const QUOTED = /"(?:[^"\\]|\\.)*"/g
const CHARSET = /;\s*charset\*?\d*\*?\s*=/i

/** What is sent for an attachment whose type is not known. */
const UNKNOWN = 'application/octet-stream'

/**
 * The Content-Type of an attachment: what the caller said, otherwise what the file name or the first octets show. A text has
 * its charset. Undefined if the content is a stream that has to be looked at first: {@link identify} does.
 *
 * @throws what reading the beginning of a file throws
 */
export function contentTypeOf(attachment: Attachment): string | undefined {
  const said = saidType(attachment)
  const octets = wantedOctets(said)
  if (octets === 0) return said
  if (attachment.bytes) return shownType(said, attachment.bytes, true)
  const head = attachment.head?.(octets)
  return head && shownType(said, head, head.byteLength < octets)
}

/** Content with the type that its beginning shows. */
export interface Identified {
  /** The media type, if it is known. */
  readonly contentType: string
  /** The whole content. It has to be closed with `return()` if it is not read to its end. */
  readonly chunks: AsyncIterableIterator<Uint8Array> & { return(): Promise<IteratorResult<Uint8Array>> }
}

/** Reads the beginning of an attachment: a MiB of a text, less of everything else. */
export async function identify(
  attachment: Attachment,
  content: AsyncIterable<Uint8Array>,
): Promise<Identified> {
  const said = saidType(attachment)
  const wanted = wantedOctets(said)
  const rest = content[Symbol.asyncIterator]()
  const read: Uint8Array[] = []
  let octets = 0
  let isWhole = false
  while (octets < wanted && !isWhole) {
    const next = await rest.next()
    if (next.done) isWhole = true
    else {
      // The source may use the memory of a chunk for the next one.
      read.push(Uint8Array.from(next.value))
      octets += next.value.byteLength
    }
  }
  const head = Buffer.concat(read)
  // The chunks that happen to arrive must not decide.
  const shown = head.subarray(0, wanted)
  const contentType = wanted === 0 ? said! : shownType(said, shown, isWhole && shown.length === head.length)
  return { contentType, chunks: behind(head, rest) }
}

/** A stream with the octets that were read from it in front. */
function behind(head: Uint8Array, rest: AsyncIterator<Uint8Array>): Identified['chunks'] {
  let first: Uint8Array | undefined = head.byteLength > 0 ? head : undefined
  return {
    async next() {
      if (!first) return rest.next()
      const value = first
      first = undefined
      return { done: false, value }
    },
    async return() {
      first = undefined
      await rest.return?.()
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

/** The type without what follows from the content. */
function saidType({ contentType, filename }: Attachment): string | undefined {
  let end = contentType?.length ?? 0
  while (end > 0 && ' \t;'.includes(contentType![end - 1]!)) end--
  return contentType?.slice(0, end) ?? extensionType(filename)
}

/** How much of the content has to be known to say its whole type. */
function wantedOctets(said: string | undefined): number {
  if (said === undefined) return SIGNATURE_OCTETS
  return isText(said) && !CHARSET.test(said.replaceAll(QUOTED, '')) ? TEXT_OCTETS : 0
}

function shownType(said: string | undefined, head: Uint8Array, isWhole: boolean): string {
  if (said === undefined) return signatureType(head) ?? UNKNOWN
  // Without a charset, text counts as US-ASCII (RFC 2046 section 4.1.2).
  const charset = textCharset(head, isWhole)
  return charset === undefined ? said : `${said}; charset=${charset}`
}

function isText(type: string): boolean {
  return /^text\//i.test(type)
}
