import { MailError, type Mailer, type Message, type MessageInput, type Transport } from '@loudmail/core'
import { tellFailed, wrap } from '@loudmail/core/transport'
import type { Attempt, Attempted } from './attempt.ts'
import type { WorkSource } from './work-source.ts'

/** The attempts of a worker. Each of them is a send of its mailer, so that it is observed, counted and traced like any other. */
export class Attempts {
  /** For the mailer. */
  readonly transport: Transport
  readonly #underWay = new Map<Message, { readonly attempt: Attempt; attempted?: Promise<Attempted> }>()

  constructor(outbox: Pick<WorkSource, 'transport' | 'queue'>) {
    const { transport: inner } = outbox
    const wrapped = wrap('worker', inner, async (message, context) => {
      const own = this.#underWay.get(message)!
      own.attempted = own.attempt.run(message, context)
      const { result, goesOn } = await own.attempted
      if (!MailError.is(result)) return result
      if (!goesOn) throw result
      tellFailed(context, result)
      return { transport: result.transport ?? inner.name, state: 'queued', failures: [result] }
    })
    this.transport = {
      ...wrapped,
      health: () => ({ ...wrapped.health!(), queue: outbox.queue() }),
      // The outbox closes it.
      close: async () => {},
    }
  }

  /** Makes an attempt. Resolves when its outcome is known and recorded, however long that takes. Never rejects. */
  async run(
    attempt: Attempt,
    message: Message,
    mailer: Mailer,
    context: Readonly<Record<string, unknown>>,
  ): Promise<Attempted | undefined> {
    const own: { readonly attempt: Attempt; attempted?: Promise<Attempted> } = { attempt }
    this.#underWay.set(message, own)
    // A message that was built already is sent as it is.
    await mailer.send(message as unknown as MessageInput, { context })
    this.#underWay.delete(message)
    // The mailer may have been closed before.
    if (!own.attempted) await attempt.release()
    return own.attempted
  }
}
