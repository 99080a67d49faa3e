import type { MailError, RecipientOutcome } from '@loudmail/core'
import type { EntryRecord, KeptState } from '../store/store.ts'
import { readProgress, type Progress } from './progress.ts'

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
  /** Those who get the message with the next attempt, or with the one in flight. */
  readonly open: readonly string[]
  /** What became of each recipient so far. Those that nobody tried yet are not listed. */
  readonly recipients: readonly RecipientOutcome[]
  /** Why the last attempt failed, with its conversation. */
  readonly error?: MailError | undefined
  /** Why the attempts failed, the last one last: at most ten. */
  readonly failures: readonly MailError[]
  /** The server's final reply, if the message was sent. */
  readonly response?: string | undefined
}

/** The state of an entry as people see it. */
export function stateOf(
  { state, dueAt }: Pick<EntryRecord, 'state' | 'dueAt'>,
  now = Date.now(),
): EntryState {
  return state === 'waiting' && dueAt > now ? 'scheduled' : state
}

/** An entry as people see it. */
export function entryOf(record: EntryRecord, now = Date.now()): OutboxEntry {
  const { id, messageId, idempotencyKey, priority, createdAt, updatedAt, dueAt, attempts } = record
  const { from, to, subject, giveUpAt, open, recipients, failures, response } = progressOf(record)
  return {
    id,
    state: stateOf(record, now),
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
    open,
    recipients,
    error: failures.at(-1),
    failures,
    response,
  }
}

/** One entry that cannot be read must not hide the others: its `error` says why. */
function progressOf({ progress, dueAt }: EntryRecord): Progress {
  try {
    return readProgress(progress)
  } catch (error) {
    return { from: '', to: [], giveUpAt: dueAt, open: [], recipients: [], failures: [error as MailError] }
  }
}
