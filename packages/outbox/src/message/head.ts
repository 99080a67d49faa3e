import type { Envelope, Message } from '@loudmail/core'
import type { Attachment, ComposedMessage, RawMessage } from '@loudmail/core/transport'

/** The fields of both kinds of messages. */
export type AnyMessage = Pick<Message, 'envelope'> &
  Partial<
    Pick<ComposedMessage, 'attachments' | 'date' | 'text' | 'html'> &
      Pick<RawMessage, 'raw' | 'transportData'>
  >

/** What is in the head of a message, as JSON. */
export interface Head {
  readonly envelope: Envelope
  /** The fields that JSON has. */
  readonly fields: Readonly<Record<string, unknown>>
  /** In ms since 1970. */
  readonly date?: number | undefined
  /** See `keptValue`. */
  readonly transportData?: unknown
  readonly text?: Place | undefined
  readonly html?: Place | undefined
  readonly raw?: Place | undefined
  readonly attachments?: readonly KeptAttachment[] | undefined
  /** Of the large content beside the head. */
  readonly body?: { readonly size: number; readonly key?: string | undefined } | undefined
}

/** An attachment in a head. */
export interface KeptAttachment extends Pick<
  Attachment,
  'filename' | 'contentType' | 'contentId' | 'disposition' | 'headers'
> {
  readonly place: Place
}

/** Where content is: in the head, behind the JSON, or beside it, in the body. */
export interface Place {
  readonly in: 'head' | 'body'
  /** Where it begins. */
  readonly from: number
  /** In octets. */
  readonly size: number
  /** CRC-32, if it is in the body: the head has a checksum of its own. */
  readonly checksum?: number | undefined
  /** Composing must not see it at once, as it did not before. */
  readonly isStream?: boolean | undefined
}

/** Opens the body of a message at an octet. */
export type OpenBody = (from: number, signal?: AbortSignal) => AsyncIterable<Uint8Array>

/** A message in a message, which is part of it if it is in memory; otherwise it is a file. */
export function isComposite(contentType = ''): boolean {
  return /^message\//i.test(contentType)
}
