import { BEST_PEER, type Goal, type Group, type Metric } from './group.ts'
import type { Measure } from './job.ts'
import type { Results } from './run.ts'

/** The median of some figures, and their range. */
export interface Spread {
  readonly median: number
  readonly least: number
  readonly most: number
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((one, other) => one - other)
  const middle = (sorted.length - 1) / 2
  const median = (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2
  return { median, least: sorted[0]!, most: sorted.at(-1)! }
}

/** Messages per second, CPU µs per message, or bytes. */
export function metricOf({ sent, seconds, cpu, peak }: Measure, metric: Metric): number {
  if (metric === 'peak') return peak ?? NaN
  return metric === 'rate' ? sent / seconds : (cpu * 1e6) / sent
}

export function metrics(results: Results, label: string, metric: Metric): number[] {
  return results[label]!.map((measure) => metricOf(measure, metric))
}

/** The ratios of one contestant to another. Each compares figures of the same round. */
export function ratios(results: Results, of: string, to: string, metric: Metric): number[] {
  const references = metrics(results, to, metric)
  return metrics(results, of, metric).map((value, round) => value / references[round]!)
}

/** The outcome of a goal; undefined if what it compares to could not be run. */
export function outcomeOf(
  { of, to, metric, atLeast = 0, atMost = Infinity }: Goal,
  { contestants }: Group,
  results: Results,
): { spread: Spread; met: boolean } | undefined {
  const rivals =
    to === BEST_PEER ? contestants.filter(({ isPeer }) => isPeer).map(({ label }) => label) : [to]
  if (rivals.some((rival) => !results[rival])) return undefined
  const all = rivals.map((rival) => ratios(results, of, rival, metric))
  // Compares with the best of each round: the smallest ratio if more is better, otherwise the largest.
  const against = metric === 'rate' ? Math.min : Math.max
  const spread = spreadOf(all[0]!.map((_, round) => against(...all.map((each) => each[round]!))))
  return { spread, met: spread.median >= atLeast && spread.median <= atMost }
}
