import { MailError } from '../failure/mail-error.ts'
import type { RecipientOutcome } from '../failure/recipient-outcome.ts'
import type { Message } from '../message/message.ts'
import type { Delivery } from '../transports/transport.ts'

/** Collects the outcome of a message that is tried more than once. For every recipient, the last attempt decides. */
export class CombinedOutcome {
  readonly #transport: string
  readonly #ways: 'one' | 'several'
  readonly #outcomes = new Map<string, { outcome: RecipientOutcome; error?: MailError }>()
  readonly #failures: MailError[] = []
  #delivery: Delivery | undefined

  /** @param ways whether each attempt goes another way: then who waits does so only until the first of them is free */
  constructor(transport: string, ways: 'one' | 'several' = 'one') {
    this.#transport = transport
    this.#ways = ways
  }

  /** Adds the result of an attempt with `message`, which may have fewer recipients than the attempt before. */
  add(message: Message, result: Delivery | MailError): void {
    if (MailError.is(result)) {
      this.#failures.push(result)
      for (const outcome of result.recipients) {
        // One who has the message, or may have it, still does after a further attempt that failed.
        const before = this.#outcomes.get(outcome.address)?.outcome
        if (outcome.status !== 'accepted' && (before?.status === 'accepted' || before?.status === 'unknown'))
          continue
        const isFirst = this.#ways === 'one' || before === undefined
        this.#outcomes.set(outcome.address, {
          outcome: isFirst ? outcome : withShorterWait(outcome, before),
          error: result,
        })
      }
      return
    }
    this.#failures.push(...result.failures)
    this.#delivery = result
    for (const address of message.envelope.to)
      this.#outcomes.set(address, { outcome: { address, status: 'accepted' } })
  }

  /** Returns the delivery if every recipient finally has the message; otherwise throws the failure that remains. */
  finish(): Delivery {
    const all = [...this.#outcomes.values()]
    const failed = all.filter(({ outcome }) => outcome.status !== 'accepted')
    if (failed.length === 0 && this.#delivery) return { ...this.#delivery, failures: [...this.#failures] }
    const left = new Set(failed.map(({ error }) => error))
    // A failure that may have been delivered is the most important one, then the newest of those that are left.
    const decisive =
      failed.find(({ outcome }) => outcome.status === 'unknown')?.error ??
      this.#failures.findLast((failure) => left.has(failure)) ??
      this.#failures.at(-1)!
    if (this.#failures.length === 1 && !this.#delivery) throw decisive
    // An attempt may have failed for several reasons, of which only one is left.
    const [first, ...others] = failed.map(({ outcome }) => outcome)
    const only =
      first?.kind && first.kind !== decisive.kind && others.every((other) => other.kind === first.kind)
    throw decisive.with({
      ...(only && { kind: first.kind, scope: first.scope, reply: first.reply, summary: undefined }),
      recipients: all.map(({ outcome }) => outcome),
      failures: this.#failures,
      transport: this.#transport,
      transcript: undefined,
    })
  }
}

function withShorterWait(outcome: RecipientOutcome, before: RecipientOutcome): RecipientOutcome {
  const shorter = Math.min(outcome.retryAfterMs ?? 0, before.retryAfterMs ?? 0)
  return shorter === (outcome.retryAfterMs ?? 0) ? outcome : { ...outcome, retryAfterMs: shorter }
}
