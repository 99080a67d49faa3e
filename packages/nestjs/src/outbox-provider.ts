import { randomUUID } from 'node:crypto'
import type { Mailer, MessageInput } from '@loudmail/core'
import { configError, templateRenderer, toMessage } from '@loudmail/core/transport'
import { Scope, type FactoryProvider } from '@nestjs/common'
import { madeMailers } from './made-mailers.ts'
import { getMailerToken } from './mailer-token.ts'
import { getOutboxToken } from './outbox-token.ts'

/**
 * Provides the outbox of a mailer. It is transient, so that the factory is called only where somebody injects it: a mailer
 * without an outbox is a mistake only there.
 */
export function outboxProvider(name: string | undefined): FactoryProvider<object> {
  return {
    provide: getOutboxToken(name),
    scope: Scope.TRANSIENT,
    useFactory: (mailer: Mailer) => outboxOf(mailer, name),
    inject: [getMailerToken(name)],
  }
}

/** @throws MailError `config/invalid-config` if the mailer has no outbox */
function outboxOf(mailer: Mailer, name: string | undefined): object {
  const made = madeMailers.get(mailer)
  if (!made || made.isOverridden) return sendingAtOnce(mailer)
  const { outbox, options } = made
  if (!outbox)
    throw configError(
      `@InjectOutbox(${name === undefined ? '' : `'${name}'`}): the transport of the mailer is not an outbox(). If it leads to one, name that: MailerModule.forRoot({ transport, outbox })`,
    )
  const { defaults } = options
  if (!defaults) return outbox
  // The defaults and the deadline of the mailer count here, too.
  const render = templateRenderer(options.deadlineMs)
  const enqueue = async (message: MessageInput, own?: object): Promise<unknown> => {
    return outbox.enqueue(toMessage(await render(message, defaults), defaults) as never, own)
  }
  return Object.create(outbox, { enqueue: { value: enqueue } }) as object
}

/** The outbox of a test: there is no store, so the mailer of the test sends what is put into it, whatever the transaction does. */
export function sendingAtOnce(mailer: Pick<Mailer, 'send'>): object {
  return {
    async enqueue(message: MessageInput) {
      const { messageId } = await mailer.send(message, { failure: 'loud' })
      return { id: randomUUID(), messageId, isNew: true }
    },
  }
}
