import type { DeliveryState, Envelope, FailureCode, MailError, Transcript } from '@loudmail/core'

/** One line of the list: a send that was captured, went out for real, or failed. */
export interface MailSummary {
  /** Unique within the store. It consists of letters, digits and `-`, and sorts by time. */
  readonly id: string
  /** When the send ended. */
  readonly at: Date
  /** How far the message got. */
  readonly state: DeliveryState | 'failed'
  /** The transport that sent it, or failed to. */
  readonly transport: string
  /** With its angle brackets. */
  readonly messageId?: string | undefined
  /** The sender and the recipients on the wire. */
  readonly envelope: Envelope
  /** As the header shows it: `Ann <ann@example.com>`, several authors with commas; empty if there is none. */
  readonly from: string
  /** As the header shows them. */
  readonly to: readonly string[]
  /** As the header shows them. Records of older versions have none: their `to` includes Cc. */
  readonly cc?: readonly string[] | undefined
  /** The recipients of the envelope that neither To nor Cc names. */
  readonly bcc?: readonly string[] | undefined
  /** As the header shows them. */
  readonly replyTo?: readonly string[] | undefined
  /** Decoded; empty if there is none. */
  readonly subject: string
  /** The beginning of its text, in one line. */
  readonly text: string
  /** The names of its attachments. */
  readonly attachments: readonly string[]
  /** Octets of `content`. */
  readonly size: number
  /** The code of the failure. */
  readonly code?: FailureCode | undefined
}

/** What a store keeps of a failure; a MailError is one. */
export interface StoredFailure extends Pick<
  MailError,
  | 'code'
  | 'stage'
  | 'kind'
  | 'scope'
  | 'permanence'
  | 'delivered'
  | 'retryable'
  | 'message'
  | 'summary'
  | 'hint'
  | 'retryAfterMs'
  | 'reply'
  | 'recipients'
  | 'location'
  | 'transport'
  | 'messageId'
> {
  /** The failure of each attempt. */
  readonly failures: readonly StoredFailure[]
}

/** A send with everything that is kept of it. */
export interface StoredMail extends MailSummary {
  /** The RFC 5322 message as it went over the wire, or as it would have gone if the send failed before that. */
  readonly content?: Uint8Array | undefined
  /** The conversation of the send. */
  readonly transcript?: Transcript | undefined
  /** Why it failed. */
  readonly error?: StoredFailure | undefined
  /** All of its text for the search, in lower case, if `text` is only its beginning; at most four million characters. */
  readonly searchText?: string | undefined
  /** Why there is no `content`. */
  readonly problem?: string | undefined
}

/** What a store is given; it adds the rest. */
export type NewMail = Omit<StoredMail, 'id' | 'at' | 'size' | 'code'>

/** A file that should hold a mail but cannot be read as one. */
export interface UnreadableMail {
  /** The id that the mail would have. */
  readonly id: string
  /** The name of the file. */
  readonly file: string
  /** Why it cannot be read: `it is not valid JSON`. */
  readonly reason: string
}

/** What happened in a store. */
export type StoreEvent =
  | { readonly type: 'added'; readonly mail: MailSummary }
  | { readonly type: 'deleted'; readonly id: string }
  | { readonly type: 'cleared' }

/** Which mails to list. */
export interface MailQuery {
  /** Words that must all appear in the addresses, subject, whole text, attachment names, failure code or Message-ID, in any case. */
  readonly search?: string | undefined
  /** @default 100 */
  readonly limit?: number | undefined
  /** Only mails older than the one with this id. */
  readonly before?: string | undefined
  /** Only mails newer than the one with this id. */
  readonly after?: string | undefined
  /** Only mails to this address, in any case, also as Bcc. */
  readonly to?: string | undefined
  /** Only failed sends. @default false */
  readonly failed?: boolean | undefined
}

/** What a query finds. */
export interface MailList {
  /** The newest first. */
  readonly mails: readonly MailSummary[]
  /** How many match, regardless of `limit`, `before` and `after`. */
  readonly total: number
  /** Everything that cannot be read, regardless of the query; left out if there is nothing. */
  readonly unreadable?: readonly UnreadableMail[] | undefined
}

/**
 * Where sends are kept, including those that failed. A method rejects if the storage as a whole cannot be read or
 * written, but never because of a single mail that cannot be read.
 */
export interface MailStore {
  /** Settles once the mail is kept. */
  add(mail: NewMail): Promise<StoredMail>
  /** Lists mails, the newest first. */
  list(query?: MailQuery): Promise<MailList>
  /** Undefined if there is no such mail, or if it cannot be read. */
  get(id: string): Promise<StoredMail | undefined>
  /** Does nothing if there is no such mail. */
  delete(id: string): Promise<void>
  /** Deletes all mails. */
  clear(): Promise<void>
  /** Calls `listener` after every change, also after one by another process. Call what it returns to unsubscribe. */
  subscribe(listener: (event: StoreEvent) => void): () => void
}
