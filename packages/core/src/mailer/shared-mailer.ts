import { addCallerFrames } from './caller-frames.ts'
import { callSafely } from '../failure/call-safely.ts'
import { Deadlines } from './deadline.ts'
import { MailError } from '../failure/mail-error.ts'
import {
  mailerSettings,
  type MailerOptions,
  type MailerSettings,
  type SendOptions,
} from './mailer-options.ts'
import type { MessageInput } from '../message/message-input.ts'
import { notify, printUnlessTaken, type Taken, type Told } from './observer.ts'
import { checkedDelivery, sendThrough } from '../transports/send-through.ts'
import { isFailurePolicy, isSilenced } from './policy.ts'
import { failedReceipt, frozenDelivery, sentReceipt, type Receipt, type SentOne } from './receipt.ts'
import { begin, givenUp, type Sending } from './sending.ts'
import { sendMany, type SendManyOptions } from './send-many.ts'
import type { Delivery } from '../transports/transport.ts'
import { verifyTransport } from './verify-transport.ts'
import { writtenMessage } from '../message/written-message.ts'

/** Counts since the mailer was created. */
export interface MailerStats {
  /** How many messages were sent. */
  readonly sent: number
  /** How many messages failed, whether thrown or silenced. */
  readonly failed: number
  /** How many of `failed` were not thrown because of the policy. */
  readonly silenced: number
  /** Failed attempts after which a wrapper continued. */
  readonly attemptsFailed: number
  /** The failure of the last message that failed. */
  readonly lastFailure?: MailError | undefined
}

/** A settled and observed send. What is left is to throw, to return, or to print what nobody saw. */
interface Settled {
  readonly receipt: Receipt
  /** Prints failures that nobody has seen: neither thrown, nor read by an observer. */
  readonly printUnseen: () => void
}

/** What every event has, apart from its time. */
type Common = 'transport' | 'messageId' | 'envelope' | 'context'
type News = Told extends infer Event ? (Event extends Told ? Omit<Event, Common> : never) : never

/** What a `Mailer` and its views share: everything except the options of a view. */
export class SharedMailer {
  readonly #settings: MailerSettings
  readonly #deadlines: Deadlines
  readonly #counts = { sent: 0, failed: 0, silenced: 0, attemptsFailed: 0 }
  #lastFailure: MailError | undefined
  #underWay = 0
  #drained: (() => void) | undefined
  #closing: Promise<void> | undefined

  constructor(options: MailerOptions) {
    this.#settings = mailerSettings(options)
    this.#deadlines = new Deadlines(this.#settings.deadlineMs)
  }

  send(input: MessageInput, options: SendOptions): Promise<Receipt> {
    const sending = this.#begin(input, options)
    // Not an async function: thousands of sends may be in progress, and each would keep a whole frame.
    return this.#attempt(sending, input).then((result) => {
      const { receipt, printUnseen } = this.#settle(sending, result)
      if (!receipt.ok && !receipt.silenced) {
        addCallerFrames(receipt.error)
        throw receipt.error
      }
      printUnseen()
      return receipt
    })
  }

  sendMany(
    inputs: Iterable<MessageInput> | AsyncIterable<MessageInput>,
    options: SendManyOptions,
  ): AsyncIterable<SentOne> {
    return sendMany(inputs, options, async (input, sendOptions) => {
      const sending = this.#begin(input, sendOptions)
      const { receipt, printUnseen } = this.#settle(sending, await this.#attempt(sending, input))
      // The caller sees a loud failure in the receipt. It is printed only if nobody reads the receipt.
      const isSeenLater = !receipt.ok && !receipt.silenced
      if (!isSeenLater) printUnseen()
      return { receipt, unseen: isSeenLater ? printUnseen : undefined }
    })
  }

  verify(): Promise<void> {
    return verifyTransport(this.#settings.transport, this.#deadlines)
  }

  close(): Promise<void> {
    this.#closing ??= this.#drain()
    return this.#closing
  }

  get stats(): MailerStats {
    return { ...this.#counts, lastFailure: this.#lastFailure }
  }

  async #drain(): Promise<void> {
    if (this.#underWay > 0) await new Promise<void>((resolve) => (this.#drained = resolve))
    await this.#settings.transport.close?.()
  }

  #begin(input: MessageInput, options: SendOptions): Sending {
    this.#underWay++
    return begin(input, options, this.#settings, this.#closing !== undefined)
  }

  /** The result of the transport; undefined if there is none in time. Never rejects. */
  #attempt(sending: Sending, input: MessageInput): Promise<Delivery | MailError | undefined> {
    const { message, options, notBuilt } = sending
    if (notBuilt) return this.#keepUnbuilt(sending, notBuilt, input)
    if (!message) return sending.attempted!
    const { transport } = this.#settings
    const deadline = this.#deadlines.start(options.signal)
    sending.deadline = deadline
    const { signal } = deadline
    if (signal.aborted) return Promise.resolve(givenUp(message, 'not-attempted', signal, transport.name))
    const late = (said: Delivery | MailError): void => {
      const result = MailError.is(said) ? said : checkedDelivery(said)
      if (!result) return
      if (sending.isSettled) this.#tellLate(sending, result)
      else (sending.early ??= []).push(result)
    }
    const failed = (error: MailError): void => this.#attemptFailed(sending, error)
    sending.attempted = sendThrough(transport, message, { signal, failed, late })
    return deadline.race(sending.attempted)
  }

  /** Gives a transport that keeps mails the message that could not be built. The result is always its failure. */
  async #keepUnbuilt(sending: Sending, error: MailError, input: MessageInput): Promise<MailError> {
    const { transport, defaults } = this.#settings
    if (!transport.notBuilt) return error
    const deadline = this.#deadlines.start(sending.options.signal)
    sending.deadline = deadline
    const failed = (failure: MailError): void => this.#attemptFailed(sending, failure)
    const context = { signal: deadline.signal, failed }
    const written = writtenMessage(input, defaults)
    const kept = callSafely('notBuilt() of the transport', () => transport.notBuilt!(written, error, context))
    if (typeof kept !== 'boolean') await deadline.race(kept)
    return error
  }

  #settle(sending: Sending, said: Delivery | MailError | undefined): Settled {
    const { message, deadline, attempted } = sending
    if (deadline) this.#deadlines.end(deadline)
    if (!said) void attempted!.then((result) => this.#tellLate(sending, result))
    const result = said ?? givenUp(message!, 'unknown', deadline!.signal, this.#settings.transport.name)
    for (const error of result.failures) this.#attemptFailed(sending, error)
    const durationMs = performance.now() - sending.startedAt
    const settled = MailError.is(result)
      ? this.#failed(sending, result, durationMs)
      : this.#sent(sending, result, durationMs)
    sending.isSettled = true
    // The caller has the receipt first.
    for (const early of sending.early ?? []) setImmediate(() => this.#tellLate(sending, early))
    if (--this.#underWay === 0) this.#drained?.()
    return settled
  }

  #sent(sending: Sending, delivery: Delivery, durationMs: number): Settled {
    this.#counts.sent++
    const receipt = sentReceipt(delivery, sending.message?.messageId, durationMs)
    void this.#tell(sending, { type: 'sent', receipt })
    const printUnseen = (): void => {
      for (const { error, taken } of sending.attempts)
        printUnlessTaken(error, taken, 'the message was sent, but')
    }
    return { receipt, printUnseen }
  }

  #failed(sending: Sending, error: MailError, durationMs: number): Settled {
    const { failure } = sending.options
    const silenced = isSilenced(isFailurePolicy(failure) ? failure : this.#settings.failure, error)
    this.#counts.failed++
    if (silenced) this.#counts.silenced++
    this.#lastFailure = error
    const taken = this.#tell(sending, { type: 'failed', error, silenced, durationMs })
    return {
      receipt: failedReceipt(error, silenced, this.#settings.transport.name, durationMs),
      printUnseen: () => printUnlessTaken(error, taken, silenced ? 'silenced' : 'unread failure'),
    }
  }

  #attemptFailed(sending: Sending, error: MailError): void {
    if (!MailError.is(error) || sending.attempts.some((each) => each.error === error)) return
    this.#counts.attemptsFailed++
    const taken = this.#tell(sending, { type: 'attempt-failed', error })
    sending.attempts = [...sending.attempts, { error, taken }]
  }

  #tellLate(sending: Sending, result: Delivery | MailError): void {
    if (!MailError.is(result))
      return void this.#tell(sending, { type: 'late-reply', delivery: frozenDelivery(result) })
    const taken = this.#tell(sending, { type: 'late-reply', error: result })
    printUnlessTaken(result, taken, 'a late reply says')
  }

  #tell({ message, options: { context } }: Sending, news: News): Taken {
    const { observers, transport } = this.#settings
    if (observers.length === 0) return false
    const { messageId, envelope } = message ?? {}
    return notify(observers, { transport: transport.name, messageId, envelope, context, ...news })
  }
}
