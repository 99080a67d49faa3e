import type { DsnInput } from './message-input.ts'

/** A parsed mailbox (RFC 5322 section 3.4). */
export interface Address {
  /** The display name, decoded; empty if there is none. */
  readonly name: string
  /** `local-part@domain`, the domain in ASCII. */
  readonly address: string
}

/** The sender and the recipients of a message on the wire (RFC 5321 section 2.3.1). */
export interface Envelope {
  /** The reverse-path; empty for the null reverse-path. */
  readonly from: string
  /** The forward-paths, each once. */
  readonly to: readonly string[]
  /** An address needs SMTPUTF8 (RFC 6531). */
  readonly smtputf8: boolean
}

/** How content is read. */
export interface Reading {
  /** The memory of a chunk may be used again as soon as the next chunk is requested, as for a file. @default false */
  readonly reuse?: boolean | undefined
  /** Ends reading and closes what is open, even a stream that never returns a chunk. */
  readonly signal?: AbortSignal | undefined
}

/** Content that can be read as a whole or as a stream. */
export interface Content {
  /** The content, if it is in memory. */
  readonly bytes?: Uint8Array | undefined
  /** Its size in octets, if that is known without reading it, such as the size of a file. */
  readonly size?: (() => number | undefined) | undefined
  /**
   * The beginning of a file, at most so many octets: fewer only if it is shorter. Undefined if it cannot be read twice or
   * without waiting, as a stream.
   */
  readonly head?: ((octets: number) => Uint8Array | undefined) | undefined
  /** Opens the content. If opening or reading fails, the caller reports it as `compose/attachment`. */
  open(reading?: Reading): AsyncIterable<Uint8Array>
}

/** A file in a message, with its defaults filled in. */
export interface Attachment extends Content {
  /** The name that mail programs show. */
  readonly filename?: string | undefined
  /** As the caller wrote it. `contentTypeOf` completes it. */
  readonly contentType?: string | undefined
  /** Its name for `cid:` in HTML, without angle brackets. */
  readonly contentId?: string | undefined
  /** Whether it is shown within the text or beside it. */
  readonly disposition: 'attachment' | 'inline'
  /** More header fields of its part, in order. They are checked, but not yet encoded or folded. */
  readonly headers: readonly (readonly [name: string, value: string])[]
}

/** An invitation, or the answer to one. */
export interface Calendar {
  /** The method, such as `request`. */
  readonly method: string
  /** A whole VCALENDAR object (RFC 5545). */
  readonly content: string
}

/** The properties of every message, composed or raw. */
interface MessageBase {
  /** Who sends it, and who gets it. It does not follow the headers. */
  readonly envelope: Envelope
  /** With its angle brackets; undefined if a raw message has none. */
  readonly messageId?: string | undefined
  /** The notifications to ask for. */
  readonly dsn?: DsnInput | undefined
  /** Every server on the way must use verified TLS (RFC 8689). */
  readonly requireTlsOnward: boolean
  /** What a transport of another kind needs, as the caller gave it. A transport that does not know a key ignores it. */
  readonly transportData?: Readonly<Record<string, unknown>> | undefined
  /** Messages with the same key are one message, for a transport that honours it. */
  readonly idempotencyKey?: string | undefined
  /** The message can be read (again): no part of it is a bare stream that was read before. */
  readonly replayable: boolean
  /**
   * The same message, with the same Message-ID and headers, for fewer recipients of its envelope.
   *
   * @param idempotencyKey another key, if it is not to count as the same message. @default the one that it has
   */
  forRecipients(addresses: readonly string[], idempotencyKey?: string): Message
}

/** A message that is not yet composed into RFC 5322 bytes. */
export interface ComposedMessage extends MessageBase {
  /** Tells it apart from a raw message. */
  readonly raw?: undefined
  /** With its angle brackets. All attempts use the same. */
  readonly messageId: string
  /** When it was written. */
  readonly date: Date
  /** The authors, at least one. If there are several, there is a sender (RFC 5322 section 3.6.2). */
  readonly from: readonly Address[]
  /** Who sent it for the author. */
  readonly sender?: Address | undefined
  /** Who gets the answers; empty if that is the author. */
  readonly replyTo: readonly Address[]
  /** The recipients in the To field. */
  readonly to: readonly Address[]
  /** The recipients in the Cc field. */
  readonly cc: readonly Address[]
  /** The subject, decoded. */
  readonly subject?: string | undefined
  /** The Message-IDs of the messages that it answers. */
  readonly inReplyTo: readonly string[]
  /** The Message-IDs of its thread. */
  readonly references: readonly string[]
  /** The message as plain text. */
  readonly text?: string | undefined
  /** The message as HTML. */
  readonly html?: string | undefined
  /** The invitation in it. */
  readonly calendar?: Calendar | undefined
  /** The files in it. */
  readonly attachments: readonly Attachment[]
  /** More header fields, in order. They are checked, but not yet encoded or folded. */
  readonly headers: readonly (readonly [name: string, value: string])[]
}

/** A message that was built elsewhere. */
export interface RawMessage extends MessageBase {
  /** The whole message (RFC 5322), which is sent as it is. */
  readonly raw: Content
}

/** What transports receive: parsed, complete and frozen, with the envelope separate from the headers. Only core creates it. */
export type Message = ComposedMessage | RawMessage
