import { setTimeout as time } from 'node:timers/promises'
import { MailError, type Mailer, type MailEvent, type MessageInput, type Receipt } from '@loudmail/core'
import { settlesWithin } from './clock.ts'
import type { SendPlan } from './plan.ts'

/** When a send that its caller gave up has to be settled. */
const ABORT_MS = 250

/** One send as its caller and the observers saw it. */
export class Sending {
  readonly plan: SendPlan
  /** In their order; those before {@link eventsWhenSettled} came before the send settled. */
  readonly events: MailEvent[] = []
  eventsWhenSettled = 0
  outcome: Receipt | MailError | undefined
  /** What was thrown and is no MailError. */
  thrown: unknown
  /** Its caller gave up, and it did not settle. */
  isOverdue = false
  readonly settled: Promise<void>

  constructor(plan: SendPlan, mailer: Mailer, message: MessageInput) {
    this.plan = plan
    this.settled = this.#send(mailer, message)
  }

  /** What the caller or the receipt has as the failure. */
  get error(): MailError | undefined {
    return MailError.is(this.outcome) ? this.outcome : this.outcome?.error
  }

  get isSent(): boolean {
    return this.outcome !== undefined && !this.error
  }

  async #send(mailer: Mailer, message: MessageInput): Promise<void> {
    const { atMs, abortAfterMs } = this.plan
    if (atMs > 0) await time(atMs)
    const controller = new AbortController()
    if (abortAfterMs === -1) controller.abort()
    const sending = mailer.send(message, {
      context: { sending: this },
      ...(abortAfterMs !== undefined && { signal: controller.signal }),
    })
    const giveUp = (): void => {
      controller.abort()
      void settlesWithin(sending, ABORT_MS).then((isSettled) => (this.isOverdue = !isSettled))
    }
    if (abortAfterMs !== undefined && abortAfterMs <= 0) giveUp()
    const timer =
      abortAfterMs !== undefined && abortAfterMs > 0 ? setTimeout(giveUp, abortAfterMs) : undefined
    try {
      this.outcome = await sending
    } catch (thrown) {
      if (MailError.is(thrown)) this.outcome = thrown
      else this.thrown = thrown
    }
    this.eventsWhenSettled = this.events.length
    clearTimeout(timer)
  }
}
