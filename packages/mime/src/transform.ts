import { isAscii } from './encoding/charset.ts'
import { MailError, type Message } from '@loudmail/core'
import { withCrlfBytes } from './encoding/line-endings.ts'
import { cut, isWhole, joined, streamed, type Piece } from './part/pieces.ts'
import { hasLongLine } from './part/text-part.ts'

/**
 * Signs or encrypts: gets the whole content of a message, its Content fields first, in 7bit (RFC 8551 section 3.1.3),
 * and gives what goes in its place: Content fields, an empty line and the body, in ASCII.
 */
export type EntityTransform = (entity: Buffer) => Uint8Array | Promise<Uint8Array>

/** What a transform makes of the content; it is in memory where the transform answers at once. */
export function transformed(content: readonly Piece[], transform: EntityTransform, message: Message): Piece {
  if (!isWhole(content)) {
    // Once for all who read it: what encrypts or signs gives something else each time.
    let once: Promise<Uint8Array> | undefined
    return { chunks: () => awaited((once ??= collected(content).then(transform)), message) }
  }
  let result: Uint8Array | Promise<Uint8Array>
  try {
    result = transform(joined(content))
  } catch (error) {
    throw failure(message, 'failed', error)
  }
  if (!(result instanceof Promise)) return checked(result, message)
  // It may fail before the stream is read, which is when the failure is told.
  result.catch(() => undefined)
  const pending = result
  return { chunks: () => awaited(pending, message) }
}

async function* awaited(result: Promise<Uint8Array>, message: Message): AsyncGenerator<Buffer> {
  let entity: Uint8Array
  try {
    entity = await result
  } catch (error) {
    throw MailError.is(error) ? error : failure(message, 'failed', error)
  }
  yield* cut(checked(entity, message))
}

async function collected(content: readonly Piece[]): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of streamed(content)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function checked(entity: Uint8Array, message: Message): Buffer {
  if (!(entity instanceof Uint8Array)) throw failure(message, 'gave something that is not bytes')
  const bytes = withCrlfBytes(entity)
  if (!isAscii(bytes)) throw failure(message, 'gave bytes beyond ASCII')
  if (hasLongLine(bytes)) throw failure(message, 'gave a line of more than 998 octets')
  return bytes
}

function failure(message: Message, what: string, cause?: unknown): MailError {
  return new MailError({
    stage: 'compose',
    kind: 'unexpected',
    summary: `the transform of the content ${what}`,
    cause,
    messageId: message.messageId,
    replayable: message.replayable,
  })
}
