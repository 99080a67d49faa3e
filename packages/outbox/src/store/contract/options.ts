import type { OutboxStore } from '../store.ts'

/** A store under test; every case gets a new, empty one. */
export interface StoreSubject {
  /** The store under test. Nobody opened it yet. */
  readonly store: OutboxStore
  /** The same store once more, as another process would have it. The case closes it. */
  readonly another: () => OutboxStore
  /** A store of the same kind that cannot be read or written: a file that is no database, a server that is not there. The case closes it. */
  readonly unusable: () => OutboxStore
  /** Ends what the test started for this subject, after the case. */
  readonly release?: (() => Promise<void> | void) | undefined
}

/**
 * Runs `work` in a transaction of the caller, on a connection of the caller. If `work` resolves, the transaction is committed.
 * If it rejects, the transaction is rolled back, and the promise rejects as well.
 */
export type CallerTransaction<Subject extends StoreSubject = StoreSubject> = (
  subject: Subject,
  work: (using: unknown) => Promise<void>,
) => Promise<void>

/** What the contract should know about a store. */
export interface StoreContractOptions<Subject extends StoreSubject = StoreSubject> {
  /** Creates a store for each case. */
  readonly create: () => Subject | Promise<Subject>
  /** The transactions that `add()` can join, by what they are called: `{ 'node:sqlite': … }`. Each is tested. */
  readonly transactions: Readonly<Record<string, CallerTransaction<Subject>>>
  /** The shortest lease that it supports, in ms. @default 200 */
  readonly leaseMs?: number | undefined
  /** Texts that must be in no name and no error. @default none */
  readonly secrets?: readonly string[] | undefined
}

/** Tests by what they promise. */
export type Promises = Readonly<
  Record<string, (subject: StoreSubject, options: StoreContractOptions) => Promise<void>>
>
