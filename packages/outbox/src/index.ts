export { MailError, Mailer } from '@loudmail/core'
export { ENTRY_STATES, type EntryState, type OutboxEntry } from './entry/entry.ts'
export { EntryStateError } from './entry/entry-state-error.ts'
export type { EncryptionKey, EncryptionOptions } from './message/encryption/keys.ts'
export type { EntryTiming } from './message/timing.ts'
export {
  outbox,
  type Enqueued,
  type EnqueueOptions,
  type ListOptions,
  type Outbox,
  type OutboxCounts,
  type OutboxOptions,
} from './outbox.ts'
export { sqlite, type SqliteOptions } from './sqlite/sqlite.ts'
export type { SqliteConnection, SqliteStatement, SqlValue } from './sqlite/sqlite-connection.ts'
export { worker, type Worker, type WorkerOptions } from './worker/worker.ts'
