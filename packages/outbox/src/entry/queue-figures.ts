import { MailError, type HealthFailure, type QueueHealth } from '@loudmail/core'
import { countsOf } from './manage-entries.ts'
import type { OutboxStore } from '../store/store.ts'

/** Figures are not counted more often than this, in ms. */
const FRESH_MS = 1_000

/** What is in an outbox, for those who must not wait: as it was counted last. */
export class QueueFigures {
  readonly #store: OutboxStore
  #queue: QueueHealth | undefined
  #failure: HealthFailure | undefined
  #countedAt = -Infinity

  constructor(store: OutboxStore) {
    this.#store = store
  }

  /** What was counted last; undefined before the first time. Asking has it counted again. */
  get queue(): QueueHealth | undefined {
    if (performance.now() - this.#countedAt > FRESH_MS) void this.#count()
    return this.#queue
  }

  /** Why the store cannot be read at present. */
  get failure(): HealthFailure | undefined {
    return this.#failure
  }

  async #count(): Promise<void> {
    this.#countedAt = performance.now()
    try {
      const counts = countsOf(await this.#store.counts())
      const { waiting, scheduled, dead, oldestWaitingMs } = counts
      const [inFlight, inDoubt] = [counts['in-flight'], counts['in-doubt']]
      this.#queue = { waiting, scheduled, inFlight, inDoubt, dead, oldestWaitingMs }
      this.#failure = undefined
    } catch (error) {
      if (!MailError.is(error) || error.kind === 'pool-closed') return
      const { code, hint } = error
      this.#failure = { code, hint, at: new Date() }
    }
  }
}
