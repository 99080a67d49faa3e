import { checkNumber, checkOptions, configError } from '../../failure/config-error.ts'
import { Circuit } from './circuit.ts'
import { deliveryOf, sendThrough } from '../../transports/send-through.ts'
import { healthOf, healthOfAll, newestFailure } from '../../transports/transport-health.ts'
import type { Transport } from '../../transports/transport.ts'
import { wrap } from '../../transports/wrap.ts'

/** When a {@link breaker} opens, and for how long. */
export interface BreakerOptions {
  /** It opens when this part of the sends fails because the transport is down: more than 0, and 1 for all. @default 0.5 */
  readonly failureRate?: number | undefined
  /** It stays closed while there were fewer sends than this in the window. @default 10 */
  readonly minimum?: number | undefined
  /** How far back it looks, in ms. @default 10_000 */
  readonly windowMs?: number | undefined
  /**
   * How long it stays open, in ms; longer if the server asks for that, up to an hour. Then one message tries the transport:
   * if it arrives, the breaker closes, and if it fails, the breaker stays open for as long again. @default 30_000
   */
  readonly openMs?: number | undefined
}

/**
 * Leaves a broken transport alone. While it is open, sends fail at once with `queue/breaker-open` and nothing is sent. Only
 * failures count that say that the transport is down: not a refused recipient or message, and not a message that was
 * aborted or waited too long for a connection.
 */
export function breaker(transport: Transport, options: BreakerOptions = {}): Transport {
  checkOptions(options, 'breaker()', { failureRate: true, minimum: true, windowMs: true, openMs: true })
  const { failureRate = 0.5, minimum = 10, windowMs = 10_000, openMs = 30_000 } = options
  if (typeof failureRate !== 'number' || !(failureRate > 0 && failureRate <= 1))
    throw configError('breaker() failureRate must be a number above 0, and 1 at most')
  checkNumber(minimum, 'breaker() minimum', 1, true)
  checkNumber(windowMs, 'breaker() windowMs', 1)
  checkNumber(openMs, 'breaker() openMs', 0)
  const circuit = new Circuit({ failureRate, minimum, windowMs, openMs })
  const self = wrap('breaker', transport, (message, context) => {
    const settle = circuit.begin(context.signal)
    if (!settle) throw circuit.refusal(message, self.name)
    return sendThrough(transport, message, context, (result) => {
      settle(result)
      return deliveryOf(result)
    })
  })
  return {
    ...self,
    health() {
      const { state, lastFailure } = circuit
      const health = healthOfAll(self.name, [healthOf(transport)])
      const newest = newestFailure([health.lastFailure, lastFailure])
      return {
        ...health,
        ...(state !== 'closed' && { state: state === 'open' ? 'down' : 'degraded' }),
        ...(newest && { lastFailure: newest }),
        breaker: state,
        ...(state === 'open' && { skippedUntil: new Date(Date.now() + circuit.leftMs) }),
      }
    },
  }
}
