import type { MailError } from '../failure/mail-error.ts'
import type { HealthFailure, HealthState } from './transport-health.ts'

/** So many results are remembered, and so long, in ms: an old failure says nothing about now. */
const MOST = 10
const MAX_AGE_MS = 300_000
/** A transport is down after so many failures in a row. */
const DOWN_AFTER = 3

/**
 * The last results of a transport, and what they mean for its health: up if none of the last ten failed because of the
 * transport, down if the last three did (or all, if there are fewer), otherwise degraded. Results older than five minutes do
 * not count.
 */
export class RecentResults {
  /** When each ended, on the clock of `performance.now()`. A ring, because every send adds one. */
  readonly #endedAt = new Float64Array(MOST)
  readonly #isDown: boolean[] = Array.from({ length: MOST }, () => false)
  #count = 0
  #lastFailure: HealthFailure | undefined

  /**
   * @param failure the reason, if it failed because of the transport
   * @param endedAt when, on the clock of `performance.now()`
   */
  add(failure?: MailError, endedAt = performance.now()): void {
    const position = this.#count++ % MOST
    this.#endedAt[position] = endedAt
    this.#isDown[position] = failure !== undefined
    if (failure) this.#lastFailure = { code: failure.code, hint: failure.hint, at: new Date() }
  }

  /** Undefined if nothing is known. */
  get state(): HealthState | undefined {
    const recent = this.#recent
    if (recent.length === 0) return undefined
    const isDown = recent.map((position) => this.#isDown[position]!)
    if (!isDown.slice(-DOWN_AFTER).includes(false)) return 'down'
    return isDown.includes(true) ? 'degraded' : 'up'
  }

  /** The time of the last result; undefined if nothing is known. */
  get lastAt(): Date | undefined {
    const last = this.#recent.at(-1)
    return last === undefined ? undefined : new Date(Date.now() - (performance.now() - this.#endedAt[last]!))
  }

  /** The last failure, however old it is. */
  get lastFailure(): HealthFailure | undefined {
    return this.#lastFailure
  }

  /** The positions of the results that count, the oldest first. */
  get #recent(): readonly number[] {
    const since = performance.now() - MAX_AGE_MS
    return Array.from({ length: Math.min(this.#count, MOST) }, (_, age) => (this.#count - 1 - age) % MOST)
      .filter((position) => this.#endedAt[position]! > since)
      .toReversed()
  }
}
