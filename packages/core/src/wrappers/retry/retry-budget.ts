/** How long a send counts, in seconds. */
const SECONDS = 10
/** So many retries a second are always allowed: a transport that sends little must be able to try again as well. */
const RETRIES_A_SECOND = 3

/**
 * Allows as many retries as a fraction of the sends of the last ten seconds, and a few more. A server that is down then gets
 * little more than its usual load, and not a multiple of it.
 */
export class RetryBudget {
  readonly #fraction: number
  /** For each of the last seconds. */
  readonly #sends = new Float64Array(SECONDS)
  readonly #retries = new Float64Array(SECONDS)
  #second = 0

  /** @param fraction how many retries are allowed for each send, such as 0.2 */
  constructor(fraction: number) {
    this.#fraction = fraction
  }

  /** Counts a send. */
  addSend(): void {
    this.#sends[this.#slot()]!++
  }

  /** Whether there may be one more retry. If so, it is counted. */
  takeRetry(): boolean {
    const slot = this.#slot()
    const allowed = sum(this.#sends) * this.#fraction + RETRIES_A_SECOND * SECONDS
    if (sum(this.#retries) + 1 > allowed) return false
    this.#retries[slot]!++
    return true
  }

  /** The place of the present second. Those of seconds that are long over become empty. */
  #slot(): number {
    const now = Math.floor(performance.now() / 1_000)
    if (now > this.#second) {
      for (let second = Math.max(this.#second + 1, now - SECONDS + 1); second <= now; second++) {
        this.#sends[second % SECONDS] = 0
        this.#retries[second % SECONDS] = 0
      }
      this.#second = now
    }
    return now % SECONDS
  }
}

function sum(numbers: Float64Array): number {
  return numbers.reduce((total, each) => total + each, 0)
}
