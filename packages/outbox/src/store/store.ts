/** What became of an entry, as stores keep it. One that waits for a later time is `waiting`, too. */
export type KeptState = 'waiting' | 'in-flight' | 'in-doubt' | 'dead' | 'sent' | 'discarded'

/** Every state, in the order in which people look at them. */
export const KEPT_STATES: readonly KeptState[] = [
  'waiting',
  'in-flight',
  'in-doubt',
  'dead',
  'sent',
  'discarded',
]

/** An entry as a store keeps it: what it searches by, and text and octets that it does not look into. Times are in ms since 1970. */
export interface EntryRecord {
  /** A UUID. Those of later entries are greater. */
  readonly id: string
  /** What became of it. */
  readonly state: KeptState
  /** With its angle brackets. */
  readonly messageId?: string | undefined
  /** Unique among the entries of the store. */
  readonly idempotencyKey?: string | undefined
  /** Entries with a higher one go first. */
  readonly priority: number
  /** It is not sent before. */
  readonly dueAt: number
  /** When it was added. */
  readonly createdAt: number
  /** When its state changed last. It is another time after each change, also within one ms. */
  readonly updatedAt: number
  /** How many attempts have ended. */
  readonly attempts: number
  /** Its transmission has begun, and nobody knows how it ended. */
  readonly begun: boolean
  /** JSON: its recipients and what became of each, and its failures. */
  readonly progress: string
  /** The message without its large content. Empty once nobody needs it any more. */
  readonly head: Uint8Array
  /** The size of the large content beside it, in octets. 0 if it has none. */
  readonly bodySize: number
}

/** Large content of a new entry. */
export interface NewBody {
  /** Opens it. It is read once. Its chunks must not be kept after the next one was asked for. */
  open(): AsyncIterable<Uint8Array>
}

/** An entry to add. */
export interface NewEntry extends Pick<
  EntryRecord,
  'id' | 'messageId' | 'idempotencyKey' | 'priority' | 'dueAt' | 'createdAt' | 'progress'
> {
  /** The message without its large content. Called once `body` was read to its end. */
  readonly head: () => Uint8Array
  /** Its large content, if it has some. */
  readonly body?: NewBody | undefined
}

/** What became of an attempt to add an entry. */
export interface Added {
  /** That of the entry that is in the store: of an earlier one, if it has the same idempotency key. */
  readonly id: string
  /** The Message-ID of the entry that is in the store. */
  readonly messageId?: string | undefined
  /** False if an entry with the same idempotency key was there. */
  readonly isNew: boolean
}

/** An entry that a worker has for some time. Nobody else sends it meanwhile. */
export interface Lease {
  /** The entry. If `begun` is true, an earlier worker died while it sent it. */
  readonly entry: EntryRecord
  /** Tells this lease apart from others of the same entry. Only the store looks into it. */
  readonly token: unknown
}

/** What changes in an entry. What is left out stays as it is. */
export interface EntryChange {
  /** Its new state. */
  readonly state: KeptState
  /** When it is to be sent, for `waiting`. */
  readonly dueAt?: number | undefined
  /** How many attempts have ended. */
  readonly attempts?: number | undefined
  /** JSON, as in the entry. */
  readonly progress?: string | undefined
  /** The message is not needed any more: its head becomes empty, and its large content is removed. @default false */
  readonly dropsMessage?: boolean | undefined
}

/** Which entries to list. */
export interface EntryFilter {
  /** Only those in this state. @default all */
  readonly state?: KeptState | undefined
  /** Only those that are due after this time, in ms since 1970. */
  readonly dueAfter?: number | undefined
  /** Only those that are due at this time or before, in ms since 1970. */
  readonly dueUntil?: number | undefined
  /** The newest first. @default the oldest first */
  readonly newestFirst?: boolean | undefined
  /** Only those that follow the entry with this id, in the order of the list. It need not be there any more. */
  readonly after?: string | undefined
}

/** How many entries there are. */
export type StateCounts = Readonly<Record<KeptState, number>> & {
  /** Those of `waiting` that are not due yet. */
  readonly scheduled: number
  /** When the oldest one that is due, or in flight, was due, in ms since 1970. */
  readonly oldestDueAt?: number | undefined
}

/**
 * Where an outbox keeps its entries. Every change is on disk when its promise resolves, and several processes may use the
 * same store. All methods reject with a MailError `submit/storage` if the store cannot be read or written; after `close()`
 * with `queue/pool-closed`. `outboxStoreContract` has a test for each of these promises.
 */
export interface OutboxStore {
  /** The expression that created it, without secrets: `sqlite(mail.db)`. */
  readonly name: string
  /** Opens it, and migrates it forward. Every other method does that by itself. Calling it again does nothing. */
  open(): Promise<void>
  /**
   * Adds an entry as `waiting`. If its content cannot be read, or its head cannot be made, it rejects with that error, and
   * nothing is left of the entry.
   *
   * @param using a transaction of the caller: the entry is there if and only if that one is committed
   * @throws MailError `config/invalid-config` if `using` is no transaction that the store can join
   */
  add(entry: NewEntry, using?: unknown): Promise<Added>
  /**
   * Leases entries that are due: `waiting` ones, and `in-flight` ones whose lease has ended. Those with a higher priority go
   * first, then about those that are due longest: which of two that were added at other times than they are due, the store
   * decides.
   *
   * @param most at most so many
   * @param leaseMs how long each lease lasts, unless it is extended
   */
  lease(most: number, leaseMs: number): Promise<readonly Lease[]>
  /** Extends leases. Resolves to those that were lost meanwhile. */
  extend(leases: readonly Lease[], leaseMs: number): Promise<readonly Lease[]>
  /** Records that the transmission of an entry begins. Resolves to false if the lease was lost: then it must not begin. */
  begin(lease: Lease): Promise<boolean>
  /** Ends a lease and changes the entry; `begun` becomes false. Resolves to false, and changes nothing, if the entry was leased again or changed by somebody else. An entry that was parked as `in-doubt` since, also by a later lease, can be settled by the lease that began its transmission. */
  settle(lease: Lease, change: EntryChange): Promise<boolean>
  /**
   * Changes an entry that is in one of these states. Resolves to false, and changes nothing, if it is in another one or not
   * there.
   *
   * @param updatedAt also if it changed at another time than this since it was read
   */
  change(id: string, from: readonly KeptState[], change: EntryChange, updatedAt?: number): Promise<boolean>
  /** Opens the large content of an entry, at an octet. Reading fails with `submit/storage` if it is not there. Its chunks must not be kept after the next one was asked for. */
  openBody(id: string, from: number, signal?: AbortSignal): AsyncIterable<Uint8Array>
  /** One entry. */
  get(id: string): Promise<EntryRecord | undefined>
  /** Entries, read as the caller asks for them, each with an empty head. */
  list(filter: EntryFilter): AsyncIterable<EntryRecord>
  /** How many entries are in each state. */
  counts(): Promise<StateCounts>
  /** Removes entries in these states that changed last before this time, in ms since 1970, in parts that block nobody for long. Resolves to how many. */
  purge(states: readonly KeptState[], before: number): Promise<number>
  /** Calls back when there may be an entry to lease, also from another process. Returns what ends that. */
  onWork(listener: () => void): () => void
  /** Waits for what is in progress, then closes. Calling it again does nothing. */
  close(): Promise<void>
}
