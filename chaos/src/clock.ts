import { setTimeout as time } from 'node:timers/promises'

const TICK_MS = 10

/**
 * Waits for a promise, so many ms at most of a machine that keeps up: each tick is a turn of the event loop, so that a
 * busy machine makes the wait longer and not the test wrong.
 *
 * @returns whether the promise settled in time
 */
export async function settlesWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  let settled = false
  const settle = (): void => void (settled = true)
  void promise.then(settle, settle)
  return becomesTrue(() => settled, ms)
}

/** The same for what has to become true by itself. */
export async function becomesTrue(condition: () => boolean, ms: number): Promise<boolean> {
  for (let left = ms; left > 0 && !condition(); left -= TICK_MS) await time(TICK_MS)
  return condition()
}

/** Lets time pass in which the machine has many turns. */
export async function pass(ms: number): Promise<void> {
  await becomesTrue(() => false, ms)
}
