import type { DeliveryState, Envelope, FailureCode, MailError, Transcript } from '@loudmail/core'

/** One line of the list: a send that was captured, went out for real, or failed. */
export interface MailSummary {
  /** Unique within the store, of letters, digits and `-`; that of a later mail sorts after that of an earlier one. */
  readonly id: string
  readonly at: Date
  readonly state: DeliveryState | 'failed'
  /** The transport that sent it, or failed to. */
  readonly transport: string
  /** With its angle brackets. */
  readonly messageId?: string | undefined
  readonly envelope: Envelope
  /** As the header shows it: `Ann <ann@example.com>`; empty where there is none. */
  readonly from: string
  /** To and Cc as the headers show them. */
  readonly to: readonly string[]
  readonly subject: string
  /** The beginning of its text, in one line. */
  readonly text: string
  /** The names of its attachments. */
  readonly attachments: readonly string[]
  /** Octets of `content`. */
  readonly size: number
  /** Of the failure. */
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
  | 'reply'
  | 'recipients'
  | 'transport'
  | 'messageId'
> {
  /** What each try said. */
  readonly failures: readonly StoredFailure[]
}

/** A send with all that is kept of it. */
export interface StoredMail extends MailSummary {
  /** The RFC 5322 message as it went over the wire; where it never came so far, as it would have gone. */
  readonly content?: Uint8Array | undefined
  /** The conversation that carried it, or tried to. */
  readonly transcript?: Transcript | undefined
  /** Why it failed. */
  readonly error?: StoredFailure | undefined
  /** Why there is no `content` although some was kept. */
  readonly problem?: string | undefined
}

/** What a store is given; it makes the rest. */
export type NewMail = Omit<StoredMail, 'id' | 'at' | 'size' | 'code' | 'problem'>

/** What is in a store's place for a mail, and cannot be read as one. */
export interface UnreadableMail {
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

/** Which mails are asked for. */
export interface MailQuery {
  /** Words that all stand in addresses, subject, text, names of attachments, failure code or Message-ID, in any case. */
  readonly search?: string | undefined
  /** @default 100 */
  readonly limit?: number | undefined
  /** Only mails older than the one with this id. */
  readonly before?: string | undefined
}

/** What a query finds. */
export interface MailList {
  /** The newest first. */
  readonly mails: readonly MailSummary[]
  /** How many match, whatever `limit` and `before` say. */
  readonly total: number
  /** All that cannot be read, whatever the query says; left out where there is nothing. */
  readonly unreadable?: readonly UnreadableMail[] | undefined
}

/**
 * Where sends are kept, with those that failed. Every method rejects if the storage as a whole cannot be read or written;
 * a single mail that cannot be read fails nothing.
 */
export interface MailStore {
  /** Settles once the mail is kept. */
  add(mail: NewMail): Promise<StoredMail>
  list(query?: MailQuery): Promise<MailList>
  /** Undefined where there is no such mail, or where it cannot be read. */
  get(id: string): Promise<StoredMail | undefined>
  /** Does nothing where there is no such mail. */
  delete(id: string): Promise<void>
  clear(): Promise<void>
  /** Calls `listener` at every change, also at one that another process made; what comes back ends that. */
  subscribe(listener: (event: StoreEvent) => void): () => void
}
