import type { MailError, RecipientOutcome } from '@loudmail/core'
import type { EntryRecord, KeptState } from '../store/store.ts'
import { readProgress } from './progress.ts'

/**
 * What became of a message in the outbox. `waiting`: it is due. `scheduled`: it waits for its time, or for its next attempt.
 * `in-flight`: a worker sends it. `in-doubt`: it may have been delivered, and a person has to decide. `dead`: nobody will try
 * it again by itself.
 */
export type EntryState = 'waiting' | 'scheduled' | Exclude<KeptState, 'waiting'>

/** Every state, in the order in which people look at them. */
export const ENTRY_STATES: readonly EntryState[] = [
  'waiting',
  'scheduled',
  'in-flight',
  'in-doubt',
  'dead',
  'sent',
  'discarded',
]

/** A message in the outbox. */
export interface OutboxEntry {
  /** A UUID. Those of later entries are greater. */
  readonly id: string
  /** What became of it. */
  readonly state: EntryState
  /** With its angle brackets. */
  readonly messageId?: string | undefined
  /** The key of its message, if it has one. */
  readonly idempotencyKey?: string | undefined
  /** The reverse-path of its envelope. */
  readonly from: string
  /** The forward-paths of its envelope. */
  readonly to: readonly string[]
  /** Undefined if the message has none, or if its content is encrypted. */
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
  /** What became of each recipient so far. Those that nobody tried yet are not listed. */
  readonly recipients: readonly RecipientOutcome[]
  /** Why the last attempt failed, with its conversation. */
  readonly error?: MailError | undefined
  /** Why the attempts failed, the last one last: at most ten. */
  readonly failures: readonly MailError[]
  /** The server's final reply, if the message was sent. */
  readonly response?: string | undefined
}

/** An entry as people see it. */
export function entryOf(record: EntryRecord, now = Date.now()): OutboxEntry {
  const { id, state, messageId, idempotencyKey, priority, createdAt, updatedAt, dueAt, attempts } = record
  const { from, to, subject, giveUpAt, recipients, failures, response } = readProgress(record.progress)
  return {
    id,
    state: state === 'waiting' && dueAt > now ? 'scheduled' : state,
    messageId,
    idempotencyKey,
    from,
    to,
    subject,
    priority,
    createdAt: new Date(createdAt),
    updatedAt: new Date(updatedAt),
    dueAt: new Date(dueAt),
    giveUpAt: new Date(giveUpAt),
    attempts,
    recipients,
    error: failures.at(-1),
    failures,
    response,
  }
}
