import { setTimeout as time } from 'node:timers/promises'
import { MailError } from '@loudmail/core'
import type { Outbox, OutboxCounts } from '@loudmail/outbox'

/** The longest time in which nothing changes, in ms. */
const STILL_MS = 45_000

/** Waits until this is true of the counts of an outbox. Resolves to false if nothing changes for too long. */
export async function countsBecome(box: Outbox, isSo: (counts: OutboxCounts) => boolean): Promise<boolean> {
  let before = ''
  let changedAt = performance.now()
  while (performance.now() - changedAt < STILL_MS) {
    const counts = await countsOf(box)
    if (counts && isSo(counts)) return true
    const now = JSON.stringify({ ...counts, oldestWaitingMs: 0 })
    if (now !== before) changedAt = performance.now()
    before = now
    await time(50)
  }
  return false
}

/** Undefined if the store is away. */
async function countsOf(box: Outbox): Promise<OutboxCounts | undefined> {
  try {
    return await box.counts()
  } catch (error) {
    if (MailError.is(error)) return undefined
    throw error
  }
}

/** Nothing waits, and nothing is in flight. */
export function isIdle({ waiting, scheduled, 'in-flight': inFlight }: OutboxCounts): boolean {
  return waiting + scheduled + inFlight === 0
}
