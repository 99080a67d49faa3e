import { configError } from '@loudmail/core/transport'

/** A message as it arrived, or a stream of it. */
export type BounceInput = Uint8Array | string | AsyncIterable<Uint8Array | string>

/** The beginning of a message, and whether it is all of it. */
export interface BoundedContent {
  /** Its octets. */
  readonly content: Buffer
  /** Nothing is left out. */
  readonly isAll: boolean
}

/** This much of a message is read, in octets. What a report says stands in front of the message that it returns. */
const MOST_OCTETS = 4 * 1024 * 1024

/** Reads the beginning of a message. The rest of a stream is not read. */
export async function boundedContent(message: BounceInput): Promise<BoundedContent> {
  const whole = await beginningOf(message)
  const content = whole.subarray(0, MOST_OCTETS)
  return { content, isAll: content.length === whole.length }
}

async function beginningOf(message: BounceInput): Promise<Buffer> {
  if (typeof message === 'string') return Buffer.from(message)
  if (message instanceof Uint8Array)
    return Buffer.from(message.buffer, message.byteOffset, message.byteLength)
  if (typeof message !== 'object' || message === null || !(Symbol.asyncIterator in message))
    throw configError('readBounce() needs a message: a Uint8Array, a string or a stream')
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of message) {
    const octets = Buffer.from(chunk as Uint8Array)
    chunks.push(octets)
    length += octets.length
    if (length > MOST_OCTETS) break
  }
  return Buffer.concat(chunks, length)
}
