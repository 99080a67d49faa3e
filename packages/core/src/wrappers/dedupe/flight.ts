import { MailError } from '../../failure/mail-error.ts'
import type { RecipientOutcome } from '../../failure/recipient-outcome.ts'
import { mailboxKey } from '../../message/mailbox-key.ts'
import type { Message } from '../../message/message.ts'
import type { Delivery } from '../../transports/transport.ts'

let flights = 0

/** A message on its way to mailboxes that nobody else sends to under the same key. */
export class Flight {
  readonly id = ++flights
  readonly mailboxes: readonly string[]
  /** The Message-ID that is on its way. */
  readonly messageId: string | undefined
  readonly signal: AbortSignal | undefined
  /** Undefined until it is over. */
  result: Delivery | MailError | undefined
  #done: PromiseWithResolvers<void> | undefined
  #outcomes: ReadonlyMap<string, RecipientOutcome> | undefined
  #wasAborted = false

  constructor(message: Message, signal: AbortSignal | undefined) {
    this.mailboxes = message.envelope.to.map(mailboxKey)
    this.messageId = message.messageId
    this.signal = signal
  }

  /** Resolves when it is over. */
  get done(): Promise<void> {
    this.#done ??= Promise.withResolvers()
    return this.#done.promise
  }

  end(result: Delivery | MailError): void {
    this.result = result
    this.#outcomes = MailError.is(result) ? outcomesOf(result) : undefined
    this.#wasAborted = this.signal?.aborted === true
    this.#done?.resolve()
  }

  /** The outcome of one of its mailboxes; undefined if all were accepted. */
  outcomeOf(mailbox: string): RecipientOutcome | undefined {
    return this.#outcomes?.get(mailbox)
  }

  /** Whether its caller gave up while the mailbox could still have been tried. */
  isAbandoned(mailbox: string): boolean {
    const outcome = this.#wasAborted ? this.outcomeOf(mailbox) : undefined
    if (outcome?.status === 'rejected') return outcome.permanence !== 'permanent'
    return outcome?.status === 'not-attempted'
  }
}

/** The outcomes of a failure by mailbox. */
export function outcomesOf(error: MailError): ReadonlyMap<string, RecipientOutcome> {
  return new Map(error.recipients.map((outcome) => [mailboxKey(outcome.address), outcome]))
}
