import type { MailError, Message, RecipientOutcome } from '@loudmail/core'

/** What became of a message in an outbox: see `EntryState` of `@loudmail/outbox`. */
export type ShownState = 'waiting' | 'scheduled' | 'in-flight' | 'in-doubt' | 'dead' | 'sent' | 'discarded'

/** What the page shows of a message in an outbox. An `OutboxEntry` of `@loudmail/outbox` is one. */
export interface ShownEntry {
  /** Unique within the outbox. Those of later entries are greater. */
  readonly id: string
  /** What became of it. */
  readonly state: ShownState
  /** With its angle brackets. */
  readonly messageId?: string | undefined
  /** The key of its message, if it has one. */
  readonly idempotencyKey?: string | undefined
  /** The reverse-path of its envelope. */
  readonly from: string
  /** The forward-paths of its envelope. */
  readonly to: readonly string[]
  /** Undefined if it is not known. */
  readonly subject?: string | undefined
  /** Entries with a higher one go first. */
  readonly priority: number
  /** When it was added. */
  readonly createdAt: Date
  /** When its state changed last. */
  readonly updatedAt: Date
  /** When it is, or was, to be sent. */
  readonly dueAt: Date
  /** When nobody tries it again by itself. */
  readonly giveUpAt: Date
  /** How many attempts have ended. */
  readonly attempts: number
  /** Those who get the message with the next attempt, or with the one in flight. */
  readonly open: readonly string[]
  /** What became of each recipient that was tried. */
  readonly recipients: readonly RecipientOutcome[]
  /** Why attempts failed, the last one last. */
  readonly failures: readonly MailError[]
  /** The server's final reply, if it was sent. */
  readonly response?: string | undefined
}

/** Which entries to list. */
export interface ShownListOptions {
  /** Only those in this state. */
  readonly state?: ShownState | undefined
  /** The newest first. */
  readonly newestFirst?: boolean | undefined
  /** Only those that follow the entry with this id, in the order of the list. */
  readonly after?: string | undefined
}

/** What the page needs of an outbox: `outbox()` of `@loudmail/outbox` has all of it. */
export interface ShownOutbox {
  /** The expression that created it, without secrets. */
  readonly name: string
  /** Entries, read as the page asks for them. */
  list(options: ShownListOptions): AsyncIterable<ShownEntry>
  /** One entry; undefined if there is none with this id. */
  get(id: string): Promise<ShownEntry | undefined>
  /** The message of an entry; undefined if its content was removed. Without it, the page shows no content. */
  read?(id: string): Promise<Message | undefined>
  /** How many entries are in each state, and how long the oldest one that is due has been waiting, in ms. */
  counts(): Promise<Readonly<Record<ShownState, number>> & { readonly oldestWaitingMs: number }>
  /** Sends an entry now. Rejects with an `EntryStateError` if its state does not allow it, like the next two. */
  retry(id: string): Promise<void>
  /** Gives up an entry. */
  discard(id: string): Promise<void>
  /** Settles an entry that is `in-doubt`. */
  resolve(id: string, outcome: 'delivered' | 'not-delivered'): Promise<void>
}
