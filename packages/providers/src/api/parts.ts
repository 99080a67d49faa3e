import { MailError } from '@loudmail/core'
import {
  contentTypeOf,
  unreadableContent,
  type Attachment,
  type ComposedMessage,
} from '@loudmail/core/transport'

/** A file as the APIs take it. */
export interface ApiFile {
  readonly filename: string
  /** The media type, with its parameters. */
  readonly contentType: string
  /** For `cid:` in HTML, without angle brackets. */
  readonly contentId: string | undefined
  readonly disposition: 'attachment' | 'inline'
  /** The content in base64, in one line. */
  readonly base64: string
}

/**
 * The files of a message, and its invitation.
 *
 * @throws MailError `compose/attachment`
 */
export async function filesOf(message: ComposedMessage, signal: AbortSignal | undefined): Promise<ApiFile[]> {
  const files: ApiFile[] = []
  for (const attachment of message.attachments) {
    const bytes = await attachmentBytes(attachment, signal)
    files.push({
      filename: attachment.filename ?? 'attachment',
      contentType: contentTypeOf({ ...attachment, bytes }) ?? 'application/octet-stream',
      contentId: attachment.contentId,
      disposition: attachment.disposition,
      base64: bytes.toString('base64'),
    })
  }
  const { calendar } = message
  if (calendar)
    files.push({
      filename: 'invite.ics',
      contentType: `text/calendar; charset=utf-8; method=${calendar.method.toUpperCase()}`,
      contentId: undefined,
      disposition: 'attachment',
      base64: Buffer.from(calendar.content).toString('base64'),
    })
  return files
}

/**
 * The content of an attachment.
 *
 * @throws MailError `compose/attachment`
 */
export async function attachmentBytes(
  attachment: Attachment,
  signal: AbortSignal | undefined,
): Promise<Buffer> {
  if (attachment.bytes) return Buffer.from(attachment.bytes)
  try {
    const chunks: Buffer[] = []
    for await (const chunk of attachment.open({ signal })) chunks.push(Buffer.from(chunk))
    return Buffer.concat(chunks)
  } catch (error) {
    const { reason, ...facts } = unreadableContent(error)
    throw new MailError({
      ...facts,
      summary: MailError.is(error) ? reason : `an attachment could not be read: ${reason}`,
    })
  }
}

/** The header fields that have no place of their own in an API: those of the thread, and the caller's. */
export function headersOf(message: ComposedMessage): [name: string, value: string][] {
  const { messageId, inReplyTo, references, headers } = message
  return [
    ['Message-ID', messageId],
    ...(inReplyTo.length > 0 ? [['In-Reply-To', inReplyTo.join(' ')] as [string, string]] : []),
    ...(references.length > 0 ? [['References', references.join(' ')] as [string, string]] : []),
    ...headers.map(([name, value]): [string, string] => [name, value]),
  ]
}

/** A request body in JSON. */
export function jsonBody(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value))
}

/** Values in JSON as one list. */
export function jsonList(parts: readonly Uint8Array[]): Uint8Array {
  const comma = Buffer.from(',')
  return Buffer.concat([
    Buffer.from('['),
    ...parts.flatMap((part, index) => (index === 0 ? [part] : [comma, part])),
    Buffer.from(']'),
  ])
}

export const JSON_HEADERS = { 'content-type': 'application/json', accept: 'application/json' } as const
