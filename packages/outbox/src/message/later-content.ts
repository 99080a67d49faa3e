import { crc32 } from 'node:zlib'
import { MailError } from '@loudmail/core'
import { diagnoseAbort, identify, unreadableContent, type Content } from '@loudmail/core/transport'
import { isComposite, type KeptAttachment, type Place } from './head.ts'
import type { SmallContent } from './small-content.ts'

type Open<T> = { -readonly [field in keyof T]: T[field] }

/** Content whose place is known once it was read. */
export interface LaterContent {
  readonly content: Content
  /** For errors. */
  readonly what: string
  readonly place: Open<Place>
  /** What it is the content of. */
  readonly attachment?: Open<KeptAttachment> | undefined
}

/**
 * Reads content. What is small is added to that in the head, everything else is yielded. Returns how many octets were
 * yielded.
 *
 * @throws MailError `compose/attachment` if it cannot be read
 */
export async function* readLater(
  later: readonly LaterContent[],
  small: SmallContent,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, number> {
  let from = 0
  for (const each of later) {
    try {
      from += yield* readOne(each, from, small, signal)
    } catch (error) {
      if (signal?.aborted) throw abandoned(each.what, signal, error)
      if (MailError.is(error)) throw error
      const { reason, ...facts } = unreadableContent(error)
      throw new MailError({ ...facts, summary: `${each.what} could not be read: ${reason}` })
    }
  }
  return from
}

async function* readOne(
  later: LaterContent,
  from: number,
  small: SmallContent,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, number> {
  const { content, place, attachment } = later
  const held: Uint8Array[] = []
  let isLarge = content.bytes !== undefined
  let size = 0
  let checksum = 0
  for await (const chunk of await opened(later, signal)) {
    size += chunk.byteLength
    checksum = crc32(chunk, checksum)
    if (isLarge) yield chunk
    else {
      // A copy: the source may use its memory for the next one.
      held.push(Buffer.from(chunk))
      isLarge = !small.hasRoom(size)
      if (isLarge) yield Buffer.concat(held.splice(0))
    }
  }
  if (isLarge) {
    Object.assign(place, { from, size, checksum })
    return size
  }
  Object.assign(place, small.add(Buffer.concat(held)))
  if (isComposite(attachment?.contentType)) place.isStream = true
  return 0
}

/** Opens content. The type of an attachment is known once its beginning was read. */
async function opened(
  { content, attachment }: LaterContent,
  signal: AbortSignal | undefined,
): Promise<AsyncIterable<Uint8Array>> {
  const chunks = content.open({ signal })
  if (!attachment || content.bytes) return chunks
  const identified = await identify({ ...attachment, ...content }, chunks)
  attachment.contentType = identified.contentType
  return identified.chunks
}

function abandoned(what: string, signal: AbortSignal, cause: unknown): MailError {
  const { kind } = diagnoseAbort(signal)
  const reason = kind === 'timeout' ? 'before the deadline of the send' : 'before the caller gave up'
  return new MailError({
    stage: 'queue',
    kind,
    summary: `${what} was not read to its end ${reason}`,
    hint: 'Check its source, which is slow or stands still. If it only needs longer, raise `deadlineMs`.',
    cause,
  })
}
