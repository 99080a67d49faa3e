import type { EntryState } from '@loudmail/outbox'

/** Where the outbox is. Without either, the variable `LOUDMAIL_OUTBOX` says it. */
export interface StoreOptions {
  readonly store?: string
  readonly storeEnv?: string
}

/** The options of `loudmail outbox counts`. */
export interface CountsOptions extends StoreOptions {
  readonly json?: true
}

/** The options of `loudmail outbox list`. */
export interface ListOptions extends StoreOptions {
  readonly state?: EntryState
  readonly limit?: number
  readonly newestFirst?: true
  readonly json?: true
}

/** The options of `loudmail outbox show`. */
export interface ShowOptions extends StoreOptions {
  readonly message?: true
  readonly json?: true
}

/** The options of `retry`, `resolve` and `discard`. */
export interface ChangeOptions extends StoreOptions {
  readonly all?: true
  readonly state?: EntryState
  readonly delivered?: true
  readonly notDelivered?: true
  readonly yes?: true
  readonly json?: true
}

/** The options of `loudmail outbox purge`. */
export interface PurgeOptions extends StoreOptions {
  readonly sent?: true
  readonly discarded?: true
  readonly dead?: true
  /** In ms. */
  readonly olderThan?: number
  readonly yes?: true
  readonly json?: true
}

/** The options of `loudmail outbox work`. */
export interface WorkOptions extends StoreOptions {
  readonly url?: string
  readonly env?: string
  readonly passwordEnv?: string
  readonly passwordStdin?: true
  readonly concurrency?: number
  readonly inDoubt: 'park' | 'resend'
  readonly quiet?: true
  readonly json?: true
}
