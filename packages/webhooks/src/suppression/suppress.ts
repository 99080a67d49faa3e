import {
  MailError,
  type Delivery,
  type HealthFailure,
  type Message,
  type Transport,
  type TransportContext,
} from '@loudmail/core'
import { checkOptions, configError, failAll, sendThrough, tellFailed, wrap } from '@loudmail/core/transport'
import { ListReader, type Unread } from './list-reader.ts'
import { sendPart } from './send-part.ts'
import { suppressedFailure } from './suppressed-failure.ts'
import type { SuppressionStore } from './suppression.ts'

/** The options of {@link suppress}. */
export interface SuppressOptions {
  /**
   * What to do if the list cannot be read. `fail`: nothing is sent, and the send fails with `submit/storage`. `send`: the
   * message goes to everybody, and the failure of the list is reported as an attempt that failed. @default 'fail'
   */
  readonly whenStoreFails?: 'fail' | 'send' | undefined
}

/**
 * Refuses recipients who are on a suppression list, and sends to the others. The send then fails with `rcpt-to/suppressed`
 * and says who, why and since when; `delivered` is `some` if others have the message. If everybody is on the list, nothing is
 * sent. The part for the others has the same Message-ID, headers and idempotency key.
 *
 * @param store `memorySuppressions()`, `sqliteSuppressions()`, or your own. `close()` does not close it.
 * @throws MailError `config/invalid-config`
 */
export function suppress(
  transport: Transport,
  store: SuppressionStore,
  options: SuppressOptions = {},
): Transport {
  checkOptions(options, 'suppress()', { whenStoreFails: true })
  const { whenStoreFails = 'fail' } = options
  if (whenStoreFails !== 'fail' && whenStoreFails !== 'send')
    throw configError("suppress() whenStoreFails must be 'fail' or 'send'")
  if (typeof (store as SuppressionStore | undefined)?.find !== 'function')
    throw configError(
      'suppress() needs a suppression list as its second argument, such as memorySuppressions()',
    )
  const list = new ListReader(store)
  let lastFailure: HealthFailure | undefined
  let underWay = 0
  let drained: (() => void) | undefined
  let closing: Promise<void> | undefined

  const self = wrap('suppress', transport, (message, context) => {
    if (closing) return Promise.reject(failAll(message, 'not-attempted', closed))
    underWay++
    return send(message, context).finally(() => {
      if (--underWay === 0) drained?.()
    })
  })
  const closed = { stage: 'queue', kind: 'pool-closed', transport: self.name } as const

  async function send(message: Message, context: TransportContext): Promise<Delivery> {
    const found = await read(message, context)
    if (MailError.is(found)) {
      if (whenStoreFails === 'fail' || found.kind !== 'storage') throw found
      tellFailed(context, found)
      // Another object: a late reply is about one of the two.
      const everybody = message.forRecipients(message.envelope.to)
      return sendPart(transport, self.name, { known: [everybody, found], part: message }, context)
    }
    if (found.size === 0) return sendThrough(transport, message, context, deliveryOf)
    const refused = suppressedFailure(message, found, self.name)
    const others = message.envelope.to.filter((address) => !found.has(address))
    if (others.length === 0) throw refused
    const known = [message.forRecipients([...found.keys()]), refused] as const
    return sendPart(transport, self.name, { known, part: message.forRecipients(others) }, context)
  }

  async function read(message: Unread, { signal }: TransportContext): ReturnType<ListReader['read']> {
    const found = await list.read(message, signal, self.name)
    if (!MailError.is(found)) lastFailure = undefined
    else if (found.kind === 'storage') lastFailure = { code: found.code, hint: found.hint, at: new Date() }
    return found
  }

  /** A send that reads the list is not known to the transport yet. */
  async function close(): Promise<void> {
    if (underWay > 0) await new Promise<void>((resolve) => (drained = resolve))
    await self.close!()
  }

  return {
    ...self,
    close: () => (closing ??= close()),
    async verify(context) {
      const { envelope = { from: '', to: [], smtputf8: false } } = context ?? {}
      const found = await read({ envelope, messageId: undefined, replayable: true }, context ?? {})
      if (MailError.is(found)) {
        if (whenStoreFails === 'fail' || found.kind !== 'storage') throw found
        process.emitWarning(`${found.message} - ${found.hint}`, 'LoudmailWarning')
        return self.verify!(context)
      }
      if (found.size === 0) return self.verify!(context)
      const to = envelope.to.filter((address) => !found.has(address))
      await self.verify!({ ...context, envelope: to.length === 0 ? undefined : { ...envelope, to } })
      throw suppressedFailure({ messageId: undefined, replayable: true }, found, self.name)
    },
    health() {
      const health = self.health!()
      if (!lastFailure) return health
      const state = whenStoreFails === 'fail' ? 'down' : health.state === 'up' ? 'degraded' : health.state
      return { ...health, state, lastFailure }
    },
  }
}

function deliveryOf(result: Delivery | MailError): Delivery {
  if (MailError.is(result)) throw result
  return result
}
