import type { Bar } from './latencies.ts'
import type { LoadResult } from './load-result.ts'
import type { LoadOptions } from '../send-options.ts'

const PERCENTS = [50, 90, 95, 99] as const

/** What a load check found, as `--json` prints it. */
export interface LoadSummary {
  readonly requested: number
  readonly sent: number
  readonly failed: number
  /** After Ctrl-C, or a refused log-in. */
  readonly notStarted: number
  /** The failure of a log-in after which no more messages were started: more log-ins could lock the account. */
  readonly stoppedBy?: string | undefined
  readonly seconds: number
  /** Sent messages. */
  readonly ratePerSecond: number
  /** What `--rate` asked for. */
  readonly wantedRatePerSecond?: number | undefined
  /** The failures by code, the most frequent first, each with the text of the first one. */
  readonly failures: readonly {
    readonly code: string
    readonly count: number
    readonly summary: string
    readonly hint: string
  }[]
  /** How long the sent messages took, with the wait for a connection. Undefined if none was sent. */
  readonly latencyMs?: { readonly [name in `p${(typeof PERCENTS)[number]}` | 'max']: number } | undefined
  readonly histogram: readonly Bar[]
}

/** Puts the result of a load check into numbers. */
export function loadSummary(result: LoadResult, { repeat, rate }: LoadOptions): LoadSummary {
  const { sent, failed, started, seconds, ratePerSecond, latencies, codes, refusedLogIn } = result
  const failures = [...codes]
    .toSorted(([, a], [, b]) => b.count - a.count)
    .map(([code, { count, example }]) => ({ code, count, summary: example.summary, hint: example.hint }))
  return {
    requested: repeat,
    sent,
    failed,
    notStarted: repeat - started,
    stoppedBy: refusedLogIn?.code,
    seconds: rounded(seconds),
    ratePerSecond: rounded(ratePerSecond),
    wantedRatePerSecond: rate,
    failures,
    latencyMs: sent === 0 ? undefined : latencies.percentiles(PERCENTS),
    histogram: latencies.bars,
  }
}

function rounded(number: number): number {
  return Math.round(number * 1_000) / 1_000
}
