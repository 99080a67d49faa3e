import type { Message } from '@loudmail/core'
import { attachmentName, contentTypeOf, type Attachment, type Content } from '@loudmail/core/transport'
import { newBodyKey, sealBody } from './encryption/sealed-body.ts'
import type { Seal } from './encryption/seal.ts'
import { writeHead } from './head-octets.ts'
import { isComposite, type AnyMessage, type Head, type KeptAttachment, type Place } from './head.ts'
import { keptValue } from './kept-value.ts'
import { readLater, type LaterContent } from './later-content.ts'
import { SmallContent } from './small-content.ts'

/** A message as octets: its head, and large content beside it. */
export interface PackedMessage {
  /** Everything but the large content. To be called once `body` was read to its end. */
  readonly head: () => Buffer
  /** The large content; undefined if there is none. It is read once. */
  readonly body?: { open(): AsyncIterable<Uint8Array> } | undefined
  /** Closes what is open if `body` was not read to its end. */
  close(): Promise<void>
}

/** How a message is packed. */
export interface PackOptions {
  /** Encrypts it. */
  readonly seal?: Seal | undefined
  /** Ends reading its content. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Turns a message into octets that can be kept. Its content is read once: small content here, large content when the body is.
 *
 * @param id that of its entry
 * @throws MailError `compose/invalid-message` if its `transportData` cannot be kept, `compose/attachment` if its content
 * cannot be read
 */
export async function packMessage(
  message: Message,
  id: string,
  { seal, signal }: PackOptions = {},
): Promise<PackedMessage> {
  const small = new SmallContent()
  const later: LaterContent[] = []
  const plain = headOf(message, small, later)
  let body: Head['body']
  const head = (): Buffer => {
    const octets = writeHead(JSON.stringify({ ...plain, body } satisfies Head), small)
    return seal ? seal.sealHead(id, octets) : octets
  }
  if (later.length === 0) return { head, close: async () => {} }

  const chunks = readLater(later, small, signal)
  const first = await chunks.next()
  const key = seal && newBodyKey()
  async function* content(): AsyncGenerator<Uint8Array> {
    if (!first.done) yield first.value
    body = { size: yield* chunks, key: key?.toString('base64') }
  }
  const open = () => (key ? sealBody(content(), key, id) : content())
  return { head, body: first.done ? undefined : { open }, close: async () => void (await chunks.return(0)) }
}

/** @param later gets the content that is not in memory, or too large */
function headOf(message: Message, small: SmallContent, later: LaterContent[]): Omit<Head, 'body'> {
  const { envelope, raw, attachments, date, text, html, transportData, ...fields } = message as AnyMessage

  function place(content: Content, what: string, attachment?: KeptAttachment): Place {
    const { bytes } = content
    const isWhole = bytes && (small.hasRoom(bytes.byteLength) || (attachment && needsMemory(attachment)))
    if (isWhole) return small.add(bytes)
    const found: Place = { in: 'body', from: 0, size: 0 }
    later.push({ content, what, place: found, attachment })
    return found
  }

  function kept(attachment: Attachment): KeptAttachment {
    const { filename, contentId, disposition, headers, bytes } = attachment
    const contentType = bytes ? contentTypeOf(attachment) : attachment.contentType
    const own: { -readonly [field in keyof KeptAttachment]?: KeptAttachment[field] } = {
      filename,
      contentType,
      contentId,
      disposition,
      headers,
    }
    own.place = place(attachment, attachmentName(attachment), own as KeptAttachment)
    return own as KeptAttachment
  }

  return {
    envelope,
    fields,
    date: date?.getTime(),
    // JSON would have to escape them, which takes longer than everything else.
    text: text === undefined ? undefined : small.add(text),
    html: html === undefined ? undefined : small.add(html),
    transportData: transportData && keptValue(transportData, 'transportData'),
    raw: raw && place(raw, 'the raw message'),
    attachments: attachments?.map(kept),
  }
}

/** Whether content in memory would be composed differently if it were a stream. */
function needsMemory({ filename, contentType, disposition, headers }: KeptAttachment): boolean {
  const stream = { filename, contentType, disposition, headers, open: () => [] as never }
  return isComposite(contentType) || contentTypeOf(stream) === undefined
}
