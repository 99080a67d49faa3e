import { setTimeout as pause } from 'node:timers/promises'
import type { OutboxStore } from '../store/store.ts'

/** How long entries are kept that nobody sends any more. */
export interface Retention {
  /** Those that are `sent` or `discarded`, in ms. */
  readonly keepSentMs: number
  /** Those that are `dead`, in ms. */
  readonly keepDeadMs: number
}

const HOUR_MS = 3_600_000
const SECOND_MS = 1_000

/**
 * Removes entries whose time is over, now and every hour, or more often if they are kept for less. Several workers that do it
 * at once share the work: each removes other entries. Returns what ends it.
 *
 * @param failed called if the store cannot be used; it is tried again at the next time
 */
export function removeOldEntries(
  store: Pick<OutboxStore, 'purge'>,
  { keepSentMs, keepDeadMs }: Retention,
  failed: (error: unknown) => void,
): () => Promise<void> {
  const everyMs = Math.min(HOUR_MS, Math.max(SECOND_MS, Math.min(keepSentMs, keepDeadMs)))
  const ending = new AbortController()
  const { signal } = ending
  const ended = run()

  async function run(): Promise<void> {
    while (!signal.aborted) {
      try {
        const now = Date.now()
        if (keepSentMs < Infinity) await store.purge(['sent', 'discarded'], now - keepSentMs)
        if (keepDeadMs < Infinity) await store.purge(['dead'], now - keepDeadMs)
      } catch (error) {
        failed(error)
      }
      // Workers that were started together do not stay together.
      await wait(everyMs * (0.9 + Math.random() / 5))
    }
  }

  function wait(ms: number): Promise<void> {
    return pause(ms, undefined, { signal, ref: false }).catch(() => {})
  }

  return () => {
    ending.abort()
    return ended
  }
}
