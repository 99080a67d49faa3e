import { checkOptions, configError } from '../../failure/config-error.ts'
import { readSeveral, several, type Choose } from './several.ts'
import type { Transport } from '../../transports/transport.ts'
import type { Way } from './way.ts'

/** The options of {@link roundRobin}. */
export interface RoundRobinOptions {
  /** The share of each transport: with `[3, 1]` the first one gets three messages of four. @default the same for all */
  readonly weights?: readonly number[] | undefined
  /**
   * How long a transport that is down is skipped, in ms; longer if its server asks for that, up to an hour. Then one message
   * tries it again. @default 30_000
   */
  readonly skipMs?: number | undefined
}

/**
 * Sends with one transport after the other, in turn. What fails because of the transport goes on to another one, decided for
 * each recipient as `failover()` does, and a transport that is down is skipped.
 */
export function roundRobin(...transports: readonly Transport[]): Transport
/** The same with options: `roundRobin([a, b], { weights: [3, 1] })`. */
export function roundRobin(transports: readonly Transport[], options?: RoundRobinOptions): Transport
export function roundRobin(...given: readonly unknown[]): Transport {
  const { transports, options } = readSeveral('roundRobin', given)
  checkOptions<RoundRobinOptions>(options, 'roundRobin()', { weights: true, skipMs: true })
  const { weights, skipMs = 30_000 }: RoundRobinOptions = options
  if (weights !== undefined) checkWeights(weights, transports.length)
  return several('roundRobin', transports, skipMs, (ways) => inTurn(ways, weights))
}

/**
 * The smooth weighted round robin of nginx: each gains its weight, the one with most is chosen and pays what all gained. With
 * weights 3 and 1 the order is a, a, b, a.
 */
function inTurn(ways: readonly Way[], weights: readonly number[] | undefined): Choose {
  const shares = new Map(ways.map((way, index) => [way, { weight: weights?.[index] ?? 1, credit: 0 }]))
  return (open) => {
    let total = 0
    let chosen = open[0]!
    for (const way of open) {
      const share = shares.get(way)!
      total += share.weight
      share.credit += share.weight
      if (share.credit > shares.get(chosen)!.credit) chosen = way
    }
    shares.get(chosen)!.credit -= total
    return chosen
  }
}

function checkWeights(weights: unknown, count: number): void {
  const isWeight = (weight: unknown): boolean => Number.isSafeInteger(weight) && (weight as number) >= 1
  if (!Array.isArray(weights) || weights.length !== count || !weights.every(isWeight))
    throw configError(
      'roundRobin() weights must be a list with a whole number, 1 or more, for each transport',
    )
}
