import {
  MailError,
  type Mailer,
  type MailEvent,
  type Message,
  type MessageInput,
  type Transport,
} from '@loudmail/core'
import { failAll, tellFailed, wrap } from '@loudmail/core/transport'
import type { Attempt, Attempted } from './attempt.ts'
import type { WorkSource } from './work-source.ts'

const NOT_OURS = {
  stage: 'config',
  kind: 'invalid-config',
  summary: 'the mailer of a worker sends only what is in its outbox',
  hint: 'Send with a `Mailer` whose transport is the outbox, or call `enqueue()` of the outbox.',
} as const

/** The attempts of a worker. Each of them is a send of its mailer, so that it is observed, counted and traced like any other. */
export class Attempts {
  /** For the mailer. */
  readonly transport: Transport
  readonly #underWay = new Map<Message, { readonly attempt: Attempt; attempted?: Promise<Attempted> }>()
  readonly #settled = new Map<unknown, () => void>()

  constructor(outbox: Pick<WorkSource, 'transport' | 'queue'>) {
    const { transport: inner } = outbox
    const wrapped = wrap('worker', inner, async (message, context) => {
      const own = this.#underWay.get(message)
      if (!own) throw failAll(message, 'not-attempted', NOT_OURS)
      own.attempted = own.attempt.run(context)
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

  /** For the mailer: an observer that hears when a send has settled. */
  readonly settled = ({ type, context }: MailEvent): void => {
    if (type === 'sent' || type === 'failed') this.#settled.get(context?.outbox)?.()
  }

  /** Makes an attempt. Resolves when its outcome is known and recorded, or to undefined if the mailer was closed before. */
  async run(
    attempt: Attempt,
    mailer: Mailer,
    context: { readonly outbox: object },
  ): Promise<Attempted | undefined> {
    const own: { readonly attempt: Attempt; attempted?: Promise<Attempted> } = { attempt }
    this.#underWay.set(attempt.whole, own)
    // Nobody waits for it to whom a failure could be thrown. A message that was built already is sent as it is.
    await new Promise<void>((resolve) => {
      this.#settled.set(context.outbox, resolve)
      mailer.sendInBackground(attempt.whole as unknown as MessageInput, { context })
    })
    this.#settled.delete(context.outbox)
    this.#underWay.delete(attempt.whole)
    return own.attempted
  }
}
