/** The window moves on by a tenth of its length. */
const BUCKETS = 10

/** Counts sends and failures of the last while. It keeps numbers alone, however many sends there are. */
export class FailureRate {
  readonly #bucketMs: number
  readonly #sends = Array.from({ length: BUCKETS }, () => 0)
  readonly #failures = Array.from({ length: BUCKETS }, () => 0)
  #allSends = 0
  #allFailures = 0
  #newest = 0

  constructor(windowMs: number) {
    this.#bucketMs = windowMs / BUCKETS
  }

  /** @returns how many sends there were in the window, this one included, and which part of them failed */
  add(hasFailed: boolean): { readonly sends: number; readonly rate: number } {
    this.#moveOn()
    const bucket = this.#newest % BUCKETS
    this.#sends[bucket]!++
    this.#allSends++
    if (hasFailed) {
      this.#failures[bucket]!++
      this.#allFailures++
    }
    return { sends: this.#allSends, rate: this.#allFailures / this.#allSends }
  }

  clear(): void {
    this.#sends.fill(0)
    this.#failures.fill(0)
    this.#allSends = this.#allFailures = 0
  }

  #moveOn(): void {
    const now = Math.floor(performance.now() / this.#bucketMs)
    if (now - this.#newest >= BUCKETS) this.clear()
    else
      for (let old = this.#newest + 1; old <= now; old++) {
        const bucket = old % BUCKETS
        this.#allSends -= this.#sends[bucket]!
        this.#allFailures -= this.#failures[bucket]!
        this.#sends[bucket] = this.#failures[bucket] = 0
      }
    this.#newest = now
  }
}
