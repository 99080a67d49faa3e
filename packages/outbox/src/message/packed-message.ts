import type { Message } from '@loudmail/core'
import {
  failAll,
  restoreMessage,
  unreadableContent,
  type Attachment,
  type ComposedMessage,
  type Content,
  type RawMessage,
  type Reading,
} from '@loudmail/core/transport'

/** A message as octets: its head, and large content beside it. */
export interface PackedMessage {
  /** Everything but the large content. To be called once `body` was read to its end, because it says how long the parts are. */
  readonly head: () => Uint8Array
  /** The large content; undefined if there is none. */
  readonly body?: { open(): AsyncIterable<Uint8Array> } | undefined
}

/** Opens the body of a message at an octet. */
export type OpenBody = (from: number, signal?: AbortSignal) => AsyncIterable<Uint8Array>

/** Content as it is in the head: whole, in base64, or where it is in the body. */
type PackedContent = { readonly base64: string } | { from: number; size: number }

/** Content in memory up to this size is in the head, in octets. Two small images of a signature are. */
const SMALL = 16_384

/** The fields of both kinds of messages. */
type AnyMessage = Pick<Message, 'envelope'> &
  Partial<Pick<ComposedMessage, 'attachments' | 'date'> & Pick<RawMessage, 'raw'>>

/** What is in the head of a message. */
interface Head {
  readonly version: 1
  readonly envelope: Message['envelope']
  /** The fields that are plain data. */
  readonly fields: Record<string, unknown>
  readonly raw?: PackedContent
  readonly attachments: readonly {
    readonly fields: Record<string, unknown>
    readonly content: PackedContent
  }[]
}

/** Turns a message into octets that can be kept. Content is read once, when the body is. */
export function packMessage(message: Message): PackedMessage {
  const { envelope, raw, attachments = [], date, ...fields } = message as AnyMessage
  const large: {
    readonly content: Content
    readonly what: string
    readonly place: { from: number; size: number }
  }[] = []
  const pack = (content: Content, what: string): PackedContent => {
    if (content.bytes && content.bytes.length <= SMALL)
      return { base64: Buffer.from(content.bytes).toString('base64') }
    const place = { from: 0, size: 0 }
    large.push({ content, what, place })
    return place
  }
  const head: Head = {
    version: 1,
    envelope,
    fields: { ...fields, ...(date && { date: date.getTime() }) },
    ...(raw && { raw: pack(raw, 'the raw message') }),
    attachments: attachments.map((attachment, index) => {
      const { filename, contentType, contentId, disposition, headers } = attachment
      return {
        fields: { filename, contentType, contentId, disposition, headers },
        content: pack(attachment, attachment.filename ?? `attachments[${index}]`),
      }
    }),
  }
  return {
    head: () => Buffer.from(JSON.stringify(head)),
    body: large.length === 0 ? undefined : { open: () => bodyOf(large, message) },
  }
}

async function* bodyOf(
  large: readonly {
    readonly content: Content
    readonly what: string
    readonly place: { from: number; size: number }
  }[],
  message: Message,
): AsyncGenerator<Uint8Array> {
  let octets = 0
  for (const { content, what, place } of large) {
    place.from = octets
    try {
      for await (const chunk of content.open()) {
        octets += chunk.byteLength
        yield chunk
      }
    } catch (error) {
      const { reason, ...facts } = unreadableContent(error)
      const summary = `${what} could not be read: ${reason}`
      throw failAll(message, 'not-attempted', { ...facts, summary })
    }
    place.size = octets - place.from
  }
}

/** The message that was packed. It can be read any number of times. */
export function unpackMessage(octets: Uint8Array, openBody: OpenBody): Message {
  const { envelope, fields, raw, attachments } = JSON.parse(Buffer.from(octets).toString()) as Head
  const whole = {
    ...fields,
    ...(typeof fields.date === 'number' && { date: new Date(fields.date) }),
    ...(raw
      ? { raw: unpackContent(raw, openBody) }
      : {
          attachments: attachments.map(
            (each) => ({ ...each.fields, ...unpackContent(each.content, openBody) }) as Attachment,
          ),
        }),
  }
  return restoreMessage(whole as never, envelope)
}

function unpackContent(packed: PackedContent, openBody: OpenBody): Content {
  if ('base64' in packed) {
    const bytes = Buffer.from(packed.base64, 'base64')
    return {
      bytes,
      async *open() {
        yield bytes
      },
    }
  }
  const { from, size } = packed
  return {
    size: () => size,
    open: (reading) => part(openBody(from, reading?.signal), size, reading),
  }
}

/** The first octets of a stream. */
async function* part(
  chunks: AsyncIterable<Uint8Array>,
  size: number,
  reading: Reading | undefined,
): AsyncGenerator<Uint8Array> {
  let left = size
  if (left === 0) return
  for await (const chunk of chunks) {
    const own = chunk.byteLength > left ? chunk.subarray(0, left) : chunk
    left -= own.byteLength
    yield reading?.reuse ? own : Buffer.from(own)
    if (left === 0) return
  }
  throw new Error(`the stored content ends ${left} octets too early`)
}
