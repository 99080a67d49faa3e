import { configError } from '../failure/config-error.ts'
import type { Message } from '../message/message.ts'
import { healthOf, healthOfAll } from './transport-health.ts'
import type { Delivery, TransportContext, Transport } from './transport.ts'

/** Marks what {@link wrap} created, and copies of it with other methods. It is the same for every copy of this package. */
const WRAPPER: unique symbol = Symbol.for('loudmail.wrapper')

/**
 * Creates a transport from others; you write only `send`. `verify` checks one after the other, and `close` closes all of
 * them once. A message that could not be built goes to the first one that keeps such messages. `health` is up if all are
 * up, and degraded if only some are. If yours differs, give what you return another `health`.
 *
 * @param name the name of the function that creates it, such as `retry`; the names of the inner transports are added
 * @throws MailError `config/invalid-config` if one of them is not a transport
 */
export function wrap(
  name: string,
  inner: Transport | readonly Transport[],
  send: (message: Message, context: TransportContext) => Promise<Delivery>,
): Transport {
  const transports = Array.isArray(inner) ? (inner as readonly Transport[]) : [inner as Transport]
  if (transports.length === 0) throw configError(`${name}() needs at least one transport`)
  for (const transport of transports) checkTransport(transport, `${name}()`)
  const keeper = transports.find((transport) => typeof transport.notBuilt === 'function')
  const expression = `${name}(${transports.map((transport) => transport.name).join(', ')})`
  let closing: Promise<void> | undefined
  const self: Transport & { readonly [WRAPPER]: true } = {
    [WRAPPER]: true,
    name: expression,
    send(message, context = {}) {
      try {
        return send(message, context)
      } catch (thrown) {
        return Promise.reject(thrown)
      }
    },
    async verify(context) {
      for (const transport of transports) await transport.verify?.(context)
    },
    verifiesEnvelope: transports.every(({ verifiesEnvelope }) => verifiesEnvelope === true),
    announcesTransmission: transports.every(({ announcesTransmission }) => announcesTransmission === true),
    health: () => healthOfAll(expression, transports.map(healthOf)),
    // Two transports do not know the keys of each other.
    honoursIdempotencyKey: transports.length === 1 && transports[0]!.honoursIdempotencyKey === true,
    idempotencyKeyMs: transports[0]!.idempotencyKeyMs,
    ...(keeper && { notBuilt: (...unbuilt) => keeper.notBuilt!(...unbuilt) }),
    close: () => (closing ??= closeAll(transports)),
  }
  return self
}

/** Whether a transport only passes messages to others. */
export function isWrapper(transport: Transport): boolean {
  return WRAPPER in transport
}

/** @throws MailError `config/invalid-config` if a value is not a transport */
export function checkTransport(value: unknown, owner: string): void {
  const { name, send } = (value ?? {}) as Partial<Transport>
  if (typeof name === 'string' && typeof send === 'function') return
  throw configError(
    `${owner} needs a transport: an object with a name and a send function, such as smtp(...)`,
  )
}

async function closeAll(transports: readonly Transport[]): Promise<void> {
  const results = await Promise.allSettled(transports.map(async (transport) => transport.close?.()))
  const failed = results.find((result) => result.status === 'rejected')
  if (failed) throw failed.reason
}
