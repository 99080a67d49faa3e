import { setTimeout as wait } from 'node:timers/promises'
import { isBusy } from './sqlite-failure.ts'

/** Tries until no other connection has the lock that is needed, without blocking the event loop; at most for so long, in ms. */
export async function whileBusy<Result>(busyMs: number, attempt: () => Result): Promise<Result> {
  const end = performance.now() + busyMs
  for (;;) {
    try {
      return attempt()
    } catch (error) {
      if (!isBusy(error) || performance.now() >= end) throw error
    }
    await busyPause()
  }
}

/** A short pause that differs, so that processes do not try at the same time again and again. */
export function busyPause(): Promise<void> {
  return wait(1 + Math.random() * 9)
}
