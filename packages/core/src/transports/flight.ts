import { MailError } from '../failure/mail-error.ts'
import type { RecipientOutcome } from '../failure/recipient-outcome.ts'
import { mailboxKey } from '../message/mailbox-key.ts'
import type { Message } from '../message/message.ts'
import type { Delivery } from './transport.ts'

/** A message on its way to mailboxes that nobody else sends to under the same key. */
export class Flight {
  readonly id = Symbol('flight')
  readonly mailboxes: readonly string[]
  readonly signal: AbortSignal | undefined
  /** Its result; never rejects. */
  done!: Promise<Delivery | MailError>
  /** Undefined until it is over. */
  result: Delivery | MailError | undefined
  #outcomes: ReadonlyMap<string, RecipientOutcome> | undefined
  #wasAborted = false

  constructor(message: Message, signal: AbortSignal | undefined) {
    this.mailboxes = message.envelope.to.map(mailboxKey)
    this.signal = signal
  }

  end(result: Delivery | MailError): void {
    this.result = result
    this.#outcomes = outcomesOf(result)
    this.#wasAborted = this.signal?.aborted === true
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

/** The outcomes of a failure by mailbox; undefined for a delivery. */
export function outcomesOf(result: Delivery | MailError): ReadonlyMap<string, RecipientOutcome> | undefined {
  if (!MailError.is(result)) return undefined
  return new Map(result.recipients.map((outcome) => [mailboxKey(outcome.address), outcome]))
}
