import { checkOptions } from '../../failure/config-error.ts'
import { readSeveral, several } from './several.ts'
import type { Transport } from '../../transports/transport.ts'

/** The options of {@link failover}. */
export interface FailoverOptions {
  /**
   * How long a transport that is down is skipped, in ms; longer if its server asks for that, up to an hour. Then one message
   * tries it again, while the others go on to the next transport. @default 30_000
   */
  readonly skipMs?: number | undefined
}

/**
 * Sends with the first transport that is up, and with the next one what failed. This is decided for each recipient: only
 * failures of scope `transport` go on to the next, not an unknown mailbox, not a spam verdict, and never a recipient that
 * may already have the message. If all are down, all are tried.
 */
export function failover(...transports: readonly Transport[]): Transport
/** The same with options: `failover([a, b], { skipMs: 5_000 })`. */
export function failover(transports: readonly Transport[], options?: FailoverOptions): Transport
export function failover(...given: readonly unknown[]): Transport {
  const { transports, options } = readSeveral('failover', given)
  checkOptions<FailoverOptions>(options, 'failover()', { skipMs: true })
  const { skipMs = 30_000 }: FailoverOptions = options
  return several(
    'failover',
    transports,
    skipMs,
    () =>
      ([first]) =>
        first!,
  )
}
