import { isAscii } from './encoding/charset.ts'
import { MailError, type Message } from '@loudmail/core'
import type { Reading } from '@loudmail/core/transport'
import { withCrlfBytes } from './encoding/line-endings.ts'
import { cut, isWhole, joined, streamed, type Piece } from './part/pieces.ts'
import { hasLongLine } from './part/text-part.ts'

/**
 * Signs or encrypts. It receives the whole content of a message in 7bit, beginning with its Content fields (RFC 8551
 * section 3.1.3). No line ends with a blank or begins with `From `, so nothing on the way has a reason to change it (RFC 3156
 * section 5). It returns the replacement: Content fields, an empty line and the body, in ASCII.
 */
export type EntityTransform = (entity: Buffer) => Uint8Array | Promise<Uint8Array>

/** The result of a transform. It is in memory if the transform returns bytes instead of a promise. */
export function transformed(content: readonly Piece[], transform: EntityTransform, message: Message): Piece {
  if (!isWhole(content)) {
    // Called once for all readers: encrypting or signing gives a different result each time.
    let once: Promise<Uint8Array> | undefined
    return { chunks: (reading) => awaited((once ??= collected(content, reading).then(transform)), message) }
  }
  let result: Uint8Array | Promise<Uint8Array>
  try {
    result = transform(joined(content))
  } catch (error) {
    throw failure(message, 'failed', error)
  }
  if (!(result instanceof Promise)) return checked(result, message)
  // It may fail before anybody reads the stream, which then reports the failure.
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

async function collected(content: readonly Piece[], { signal }: Reading): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of streamed(content, { signal })) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function checked(entity: Uint8Array, message: Message): Buffer {
  if (!(entity instanceof Uint8Array)) throw failure(message, 'did not return bytes')
  const bytes = withCrlfBytes(entity)
  if (!isAscii(bytes)) throw failure(message, 'returned bytes beyond ASCII')
  if (hasLongLine(bytes)) throw failure(message, 'returned a line of more than 998 octets')
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
