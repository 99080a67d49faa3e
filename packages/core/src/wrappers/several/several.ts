import { AttemptKeys } from '../attempt-keys.ts'
import { Attempts } from '../attempts.ts'
import { checkNumber, configError } from '../../failure/config-error.ts'
import { MailError, scopeOfRecipient } from '../../failure/mail-error.ts'
import type { RecipientOutcome } from '../../failure/recipient-outcome.ts'
import type { Message } from '../../message/message.ts'
import { sendThrough } from '../../transports/send-through.ts'
import { tellFailed } from '../../transports/tell.ts'
import { healthOfAll } from '../../transports/transport-health.ts'
import type { Delivery, Transport, TransportContext } from '../../transports/transport.ts'
import { verifyWays } from './verify-ways.ts'
import { isBreakerOpen, Way } from './way.ts'
import { wrap } from '../../transports/wrap.ts'

/** Chooses one of the ways that are open. */
export type Choose = (open: readonly Way[]) => Way

/**
 * Sends with one of several transports, and with another one what failed because of the transport. One that is down is
 * skipped, unless nothing else is left to try.
 */
export function several(
  name: string,
  transports: readonly Transport[],
  skipMs: number,
  chooserOf: (ways: readonly Way[]) => Choose,
): Transport {
  checkNumber(skipMs, `${name}() skipMs`, 0)
  const self = wrap(name, transports, (message, context) => {
    const way = next(ways, choose)
    const settle = way.begin(context.signal)
    const tries = new Attempts(self.name, context, 'several')
    // Not an async function: most messages need only the first transport.
    return sendThrough(way.transport, message, tries.contextOf(message), (result) => {
      settle(result)
      if (MailError.is(result)) return sendElsewhere(way, result, message, context, tries)
      tries.end()
      return result
    })
  })
  const ways = transports.map((transport) => new Way(transport, skipMs))
  const choose = chooserOf(ways)

  async function sendElsewhere(
    failed: Way,
    error: MailError,
    message: Message,
    context: TransportContext,
    tries: Attempts,
  ): Promise<Delivery> {
    tries.add(message, error)
    const { idempotencyKey } = message
    const keys = idempotencyKey === undefined ? undefined : new AttemptKeys(idempotencyKey, self.name)
    let current = message
    let left = ways.filter((way) => way !== failed)
    for (let last = error; left.length > 0;) {
      const others = last.recipients.filter((recipient) => anotherMayTake(recipient, last))
      if (others.length === 0 || context.signal?.aborted || !message.replayable) break
      if (!isBreakerOpen(last)) tellFailed(context, last)
      keys?.add(current, last)
      current = message.forRecipients(
        others.map((recipient) => recipient.address),
        keys?.fresh,
      )
      const way = next(left, choose)
      left = left.filter((each) => each !== way)
      const settle = way.begin(context.signal)
      const result = await sendThrough(way.transport, current, tries.contextOf(current))
      settle(result)
      tries.add(current, result)
      if (!MailError.is(result)) break
      last = result
    }
    const delivery = tries.finish()
    return { ...delivery, failures: delivery.failures.filter((failure) => !isBreakerOpen(failure)) }
  }

  return {
    ...self,
    verify: (context) => verifyWays(ways, context),
    health: () =>
      healthOfAll(
        self.name,
        ways.map((way) => way.health()),
      ),
  }
}

/** Reads the arguments of `failover(a, b)` and of `failover([a, b], options)`. The options are not checked. */
export function readSeveral(
  name: string,
  given: readonly unknown[],
): { readonly transports: readonly Transport[]; readonly options: object } {
  const [list, options = {}, ...more] = given
  const withOptions = `${name}([a, b], { skipMs: 30_000 })`
  if (Array.isArray(list)) {
    if (more.length > 0) throw configError(`${name}() takes a list and its options: ${withOptions}`)
    return { transports: [...(list as Transport[])], options: options as object }
  }
  const last = given.at(-1)
  if (typeof last === 'object' && last !== null && !('send' in last))
    throw configError(`${name}() needs transports. With options, it needs a list of them: ${withOptions}`)
  return { transports: given as readonly Transport[], options: {} }
}

/** If none is open, all are skipped. Then the first to be tried is the one whose time is over first. */
function next(ways: readonly Way[], choose: Choose): Way {
  const open = ways.filter((way) => way.isOpen)
  if (open.length > 0) return choose(open)
  return ways.reduce((soonest, way) => (way.skippedUntil < soonest.skippedUntil ? way : soonest))
}

function anotherMayTake(recipient: RecipientOutcome, error: MailError): boolean {
  if (recipient.status !== 'rejected' && recipient.status !== 'not-attempted') return false
  return scopeOfRecipient(recipient, error) === 'transport'
}
