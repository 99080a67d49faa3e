import { checkNumber, checkOptions, configError } from '../../failure/config-error.ts'
import type { Message } from '../../message/message.ts'
import { healthOf, healthOfAll } from '../../transports/transport-health.ts'
import type { Transport } from '../../transports/transport.ts'
import { Turns } from './turns.ts'
import { wrap } from '../../transports/wrap.ts'

/** What {@link limit} allows. At least one of `messages` and `concurrent` is needed. */
export interface LimitOptions {
  /** How many messages may begin within any `intervalMs`. @default no limit */
  readonly messages?: number | undefined
  /** The interval of `messages`, in ms. @default 1_000 */
  readonly intervalMs?: number | undefined
  /** How many messages may be sent at the same time. @default no limit */
  readonly concurrent?: number | undefined
  /**
   * Allows so much for each recipient domain, or for each key that this function returns, instead of for the whole
   * transport. A message for several domains counts for each of them.
   *
   * @default one limit for all messages
   */
  readonly by?: 'domain' | ((message: Message) => string) | undefined
  /** How many messages may wait for their turn, over all keys. The next one fails with `queue/queue-full`. @default 10_000 */
  readonly queue?: number | undefined
}

/**
 * Sends not more than so many messages within any interval, and not more than so many at the same time. The others wait
 * for their turn: in order within a key, and no key waits for another one.
 */
export function limit(transport: Transport, options: LimitOptions): Transport {
  checkOptions(options, 'limit()', {
    messages: true,
    intervalMs: true,
    concurrent: true,
    by: true,
    queue: true,
  })
  const { messages, intervalMs = 1_000, concurrent, by, queue = 10_000 } = options
  checkNumber(messages, 'limit() messages', 1, true)
  checkNumber(intervalMs, 'limit() intervalMs', 1)
  checkNumber(concurrent, 'limit() concurrent', 1, true)
  checkNumber(queue, 'limit() queue', 0, true)
  if (messages === undefined && concurrent === undefined)
    throw configError('limit() needs messages, concurrent, or both')
  if (messages === undefined && options.intervalMs !== undefined)
    throw configError('limit() intervalMs needs messages')
  if (intervalMs === Infinity) throw configError('limit() intervalMs must be a finite number')
  if (by !== undefined && by !== 'domain' && typeof by !== 'function')
    throw configError("limit() by must be 'domain' or a function that returns a string")
  const self = wrap('limit', transport, (message, context) => turns.send(message, context))
  const rule = { messages, intervalMs, concurrent }
  const turns = new Turns(transport, { name: self.name, rule, keysOf: keysBy(by), queue })
  return {
    ...self,
    health() {
      const part = healthOf(transport)
      const isFull = queue > 0 && turns.waiting >= queue
      const state = isFull && part.state === 'up' ? 'degraded' : part.state
      const { waiting, sending } = turns
      return { ...healthOfAll(self.name, [part]), state, waiting, sending }
    },
    close() {
      turns.close()
      return self.close!()
    },
  }
}

/** The keys of a message, each once; undefined if there is one limit for all. */
function keysBy(by: LimitOptions['by']): ((message: Message) => readonly string[]) | undefined {
  if (by === undefined) return undefined
  if (by === 'domain') return domainsOf
  return (message) => {
    const key: unknown = by(message)
    if (typeof key !== 'string') throw new TypeError(`it must return a string, not ${typeof key}`)
    return [key]
  }
}

/** Core has written them in ASCII already. */
function domainsOf({ envelope: { to } }: Message): readonly string[] {
  if (to.length === 1) return [domainOf(to[0]!)]
  return [...new Set(to.map(domainOf))]
}

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1).toLowerCase()
}
