import { setTimeout as time } from 'node:timers/promises'
import { MailError, type Transport } from '@loudmail/core'
import { sendThrough, wrap } from '@loudmail/core/transport'
import type { SendPlan } from './plan.ts'

/** Who has to be asked before a message is transmitted, as an outbox is, and how often that said yes. */
export class Leave {
  readonly #plans = new Map<string, SendPlan['leave']>()
  readonly #given = new Map<string, number>()
  #isAsked = false

  constructor(sends: readonly SendPlan[]) {
    for (const { id, leave } of sends) this.#plans.set(id, leave)
  }

  /** The same transport, which asks if it can. */
  around(transport: Transport): Transport {
    if (!transport.announcesTransmission) return transport
    this.#isAsked = true
    return wrap('leave', transport, (message, context) =>
      sendThrough(
        transport,
        message,
        { ...context, beforeTransmission: () => this.#ask((message as { subject?: string }).subject!) },
        (result) => {
          if (MailError.is(result)) throw result
          return result
        },
      ),
    )
  }

  /** Contents of a message that nobody had given leave for. @param contents how many of them servers took */
  contradictionsOf(id: string, contents: number): string[] {
    const given = this.#given.get(id) ?? 0
    if (!this.#isAsked || contents <= given) return []
    return [`servers have ${contents} contents of it, and leave was given ${given} times`]
  }

  async #ask(id: string): Promise<void> {
    const { afterMs, refuses } = this.#plans.get(id)!
    if (afterMs > 0) await time(afterMs)
    if (refuses !== 'no') throw new MailError({ stage: 'queue', kind: 'storage', permanence: refuses })
    this.#given.set(id, (this.#given.get(id) ?? 0) + 1)
  }
}
