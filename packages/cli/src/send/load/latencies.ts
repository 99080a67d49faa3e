import { createHistogram } from 'node:perf_hooks'

/** The upper ends of the bars, in ms: 0.1, 0.2, 0.5, 1, 2, 5 and so on, up to 500 s. */
const LIMITS_MS = [-1, 0, 1, 2, 3, 4, 5].flatMap((power) =>
  [1, 2, 5].map((step) => Number(`${step}e${power}`)),
)
const MICROSECONDS = 1_000

/** One bar of a histogram. */
export interface Bar {
  /** The longest time in it, in ms. Undefined for the last bar, which has no end. */
  readonly upToMs: number | undefined
  readonly count: number
}

/** How long sends took. Its size does not depend on how many there are. */
export class Latencies {
  // Exact to 0.1 percent.
  readonly #histogram = createHistogram({ lowest: 1, figures: 3 })
  readonly #counts = Array.from({ length: LIMITS_MS.length + 1 }, () => 0)

  /** Adds one. */
  add(ms: number): void {
    this.#histogram.record(Math.max(1, Math.round(ms * MICROSECONDS)))
    const index = LIMITS_MS.findIndex((limit) => ms <= limit)
    this.#counts[index < 0 ? LIMITS_MS.length : index]!++
  }

  /** The time in ms that so many percent of the sends did not exceed. The longest is `max`. */
  percentiles<Percent extends number>(
    percents: readonly Percent[],
  ): { readonly [name in `p${Percent}` | 'max']: number } {
    const named = percents.map((percent) => [
      `p${percent}`,
      this.#histogram.percentile(percent) / MICROSECONDS,
    ])
    return Object.fromEntries([...named, ['max', this.#histogram.max / MICROSECONDS]])
  }

  /** From the first bar that has something in it to the last. */
  get bars(): readonly Bar[] {
    const first = this.#counts.findIndex((count) => count > 0)
    if (first < 0) return []
    const last = this.#counts.findLastIndex((count) => count > 0)
    return this.#counts
      .slice(first, last + 1)
      .map((count, index) => ({ upToMs: LIMITS_MS[first + index], count }))
  }
}
