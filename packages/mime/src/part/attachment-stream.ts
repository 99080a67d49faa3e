import { MailError, type Message } from '@loudmail/core'
import {
  contentTypeOf,
  unreadableContent,
  type Attachment,
  type Content,
  type Reading,
} from '@loudmail/core/transport'
import { base64Length, writeBase64 } from '../encoding/base64.ts'
import { asBuffer } from '../encoding/line-endings.ts'
import { BASE64_CHUNK_INPUT, joined } from './pieces.ts'

/** Reads content that is not in memory. Every failure is `compose/attachment` and names what could not be read. */
export async function* readContent(
  content: Content,
  what: string,
  message: Message,
  reading: Reading,
): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of content.open(reading)) {
      if (!(chunk instanceof Uint8Array)) throw new TypeError(`a chunk is of type ${typeof chunk}, not bytes`)
      yield asBuffer(chunk)
    }
  } catch (error) {
    throw unreadable(error, what, message)
  }
}

/** The size in octets of content that is not in memory, if it is known without reading the content. */
export function contentSize(content: Content, what: string, message: Message): number | undefined {
  return readAtOnce(() => content.size?.(), what, message)
}

/** The Content-Type of an attachment, or undefined if it depends on a stream. */
export function contentType(attachment: Attachment, what: string, message: Message): string | undefined {
  return readAtOnce(() => contentTypeOf(attachment), what, message)
}

function readAtOnce<Found>(read: () => Found, what: string, message: Message): Found {
  try {
    return read()
  } catch (error) {
    throw unreadable(error, what, message)
  }
}

function unreadable(error: unknown, what: string, message: Message): MailError {
  if (MailError.is(error)) return error
  const { reason, ...facts } = unreadableContent(error)
  return new MailError({
    ...facts,
    summary: `${what} could not be read: ${reason}`,
    messageId: message.messageId,
    replayable: message.replayable,
  })
}

/** A stream as base64 lines. Every chunk holds whole lines, wherever the source cuts its chunks. */
export async function* base64Stream(
  source: AsyncIterable<Uint8Array>,
  { reuse }: Reading,
): AsyncGenerator<Buffer> {
  const shared = reuse ? Buffer.allocUnsafeSlow(base64Length(BASE64_CHUNK_INPUT)) : undefined
  const encoded = (base64: Buffer): Buffer =>
    shared ? shared.subarray(0, writeBase64(base64, shared, 0)) : joined([{ base64 }])
  const rest = Buffer.allocUnsafe(BASE64_CHUNK_INPUT)
  let kept = 0
  for await (const octets of source) {
    const chunk = asBuffer(octets)
    let at = 0
    while (kept + chunk.length - at >= BASE64_CHUNK_INPUT) {
      const wanted = BASE64_CHUNK_INPUT - kept
      if (kept === 0) yield encoded(chunk.subarray(at, at + wanted))
      else {
        chunk.copy(rest, kept, at, at + wanted)
        yield encoded(rest)
      }
      at += wanted
      kept = 0
    }
    kept += chunk.copy(rest, kept, at)
  }
  if (kept > 0) yield encoded(rest.subarray(0, kept))
}
