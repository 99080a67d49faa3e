import type { DsnInput } from './message-input.ts'

/** A parsed mailbox (RFC 5322 section 3.4). */
export interface Address {
  /** The display name, decoded; empty where there is none. */
  readonly name: string
  /** `local-part@domain`, the domain in ASCII. */
  readonly address: string
}

/** Who a message is from and for on the wire (RFC 5321 section 2.3.1). */
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
  /** A chunk need not last longer than until the next is asked for: a file is read into the same memory. @default false */
  readonly reuse?: boolean | undefined
  /** Ends it: what is open is closed, also a stream that never gives anything. */
  readonly signal?: AbortSignal | undefined
}

/** Content that can be read as a whole or as a stream. */
export interface Content {
  /** The content where it is in memory. */
  readonly bytes?: Uint8Array | undefined
  /** Its octets, where that can be told without reading it: those of a file. */
  readonly size?: (() => number | undefined) | undefined
  /** Opens the content; a failure to open or to read is the caller's to report as `compose/attachment`. */
  open(reading?: Reading): AsyncIterable<Uint8Array>
}

export interface Attachment extends Content {
  readonly filename?: string | undefined
  readonly contentType?: string | undefined
  readonly contentId?: string | undefined
  readonly disposition: 'attachment' | 'inline'
}

export interface Calendar {
  readonly method: string
  readonly content: string
}

/** What every message has, composed or raw. */
interface MessageBase {
  readonly envelope: Envelope
  /** With its angle brackets; undefined where a raw message shows none. */
  readonly messageId?: string | undefined
  readonly dsn?: DsnInput | undefined
  readonly requireTlsOnward: boolean
  /** It can be read (again): no part of it is a bare stream that was read before. */
  readonly replayable: boolean
  /** The same message, with the same Message-ID and headers, for fewer recipients of its envelope. */
  forRecipients(addresses: readonly string[]): Message
}

/** A message that is still to be composed into RFC 5322 bytes. */
export interface ComposedMessage extends MessageBase {
  readonly raw?: undefined
  readonly messageId: string
  readonly date: Date
  readonly from: Address
  readonly sender?: Address | undefined
  readonly replyTo: readonly Address[]
  readonly to: readonly Address[]
  readonly cc: readonly Address[]
  readonly subject?: string | undefined
  readonly inReplyTo: readonly string[]
  readonly references: readonly string[]
  readonly text?: string | undefined
  readonly html?: string | undefined
  readonly calendar?: Calendar | undefined
  readonly attachments: readonly Attachment[]
  /** Further header fields in their order, checked, values not yet encoded or folded. */
  readonly headers: readonly (readonly [name: string, value: string])[]
}

/** A message that was built elsewhere. */
export interface RawMessage extends MessageBase {
  readonly raw: Content
}

/** What transports get: parsed, complete and frozen, with the envelope apart from the headers. Only core makes one. */
export type Message = ComposedMessage | RawMessage
