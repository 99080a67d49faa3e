import { MailError } from '@loudmail/core'
import { thrownInWords } from '@loudmail/core/transport'
import type { EntryChange, Lease, OutboxStore } from '../store/store.ts'
import { LAST_ANSWER_MS, type StoreCalls } from './store-calls.ts'

/** What recording needs to know of the worker. */
export interface RecordSettings {
  readonly store: OutboxStore
  readonly calls: StoreCalls
  /** When the worker began to stop, on the clock of `performance.now()`; undefined while it works. */
  readonly stoppedAt: () => number | undefined
  /** Called when the store cannot be written. */
  readonly storeFailed: (error: unknown) => void
}

/** The longest pause before an outcome is offered to the store again, in ms. */
const MOST_PAUSE_MS = 2_000

/**
 * Offers an outcome until the store takes it: what is known must not become a doubt. Resolves to whether it is in the store.
 * It is not if the lease was lost, or if the worker stops meanwhile; then a warning says so.
 *
 * @param isBegun whether the transmission has begun
 */
export async function recordOutcome(
  lease: Lease,
  change: EntryChange,
  isBegun: boolean,
  { store, calls, stoppedAt, storeFailed }: RecordSettings,
): Promise<boolean> {
  const since = performance.now()
  for (let pauseMs = 50; ; pauseMs = Math.min(pauseMs * 2, MOST_PAUSE_MS)) {
    try {
      return await calls.answer(store.settle(lease, change))
    } catch (error) {
      storeFailed(error)
      const isClosed = MailError.is(error) && error.kind === 'pool-closed'
      const end = Math.max(since, stoppedAt() ?? Infinity) + LAST_ANSWER_MS
      if (isClosed || performance.now() >= end) {
        warn(lease, change, isBegun, error)
        return false
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  }
}

/** Gives an entry back as it is. What may have been delivered stays so: its lease ends by itself. */
export async function giveBack(lease: Lease, settings: RecordSettings): Promise<void> {
  if (!lease.entry.begun) await recordOutcome(lease, { state: 'waiting' }, false, settings)
}

function warn({ entry }: Lease, { state }: EntryChange, isBegun: boolean, error: unknown): void {
  const { id, messageId } = entry
  const name = messageId === undefined ? '' : ` (${messageId})`
  const then = isBegun ? 'it will be in doubt' : 'it is sent once its lease has ended'
  process.emitWarning(
    `the entry ${id}${name} is ${state}, but that could not be recorded, so ${then}: ${thrownInWords(error)}`,
    'LoudmailWarning',
  )
}
