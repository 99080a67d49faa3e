import { inBackground } from './background.ts'
import { addCallerFrames } from './caller-frames.ts'
import { callSafely } from '../failure/call-safely.ts'
import { CLOSED, closeMailer, endedByClosing } from './closing.ts'
import { Deadlines, type Deadline } from './deadline.ts'
import { MailError } from '../failure/mail-error.ts'
import { mailerHealth, type MailerCounts, type MailerHealth } from './mailer-health.ts'
import {
  mailerSettings,
  type MailerOptions,
  type MailerSettings,
  type SendOptions,
} from './mailer-options.ts'
import type { Envelope } from '../message/message.ts'
import type { MessageInput } from '../message/message-input.ts'
import { notify, printUnlessTaken, type Taken, type Told } from './observer.ts'
import { checkedDelivery, sendThrough } from '../transports/send-through.ts'
import { isFailurePolicy, isSilenced } from './policy.ts'
import { RecentResults } from '../transports/recent-results.ts'
import { failedReceipt, frozenDelivery, sentReceipt, type Receipt, type SentOne } from './receipt.ts'
import { renderInTime } from './render-in-time.ts'
import { begin, givenUp, whyNotBuilt, type Sending } from './sending.ts'
import { toMessage } from '../message/to-message.ts'
import { sendMany, type SendManyOptions } from './send-many.ts'
import { isPartlyDown } from '../wrappers/several/partly-down.ts'
import { verdictOn, verdictOnCheck } from '../transports/standing.ts'
import type { Delivery } from '../transports/transport.ts'
import { envelopeToVerify, type VerifyOptions } from './verify-options.ts'
import type { TracedMailer } from '../tracing/traced-send.ts'
import {
  publishLateReply,
  publishSendEnd,
  publishSendStart,
  setRendered,
  tracedSend,
} from '../tracing/trace-send.ts'
import { isWatched, sendChannel } from '../tracing/channels.ts'
import { verifyTransport } from './verify-transport.ts'
import { whyQueued } from './why-queued.ts'
import { writtenMessage } from '../message/written-message.ts'

/** Counts since the mailer was created, and the last failure. */
export interface MailerStats extends MailerCounts {
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
type Common = 'transport' | 'messageId' | 'envelope' | 'context' | 'inBackground'
type News = Told extends infer Event ? (Event extends Told ? Omit<Event, Common> : never) : never

/** What a `Mailer` and its views share: everything except the options of a view. */
export class SharedMailer {
  readonly #settings: MailerSettings
  readonly #deadlines: Deadlines
  /** What those who watch sends can ask. */
  readonly #watched: TracedMailer = { health: () => this.health }
  readonly #counts = { sent: 0, failed: 0, silenced: 0, attemptsFailed: 0 }
  readonly #results = new RecentResults()
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

  /** Counts as in progress from now on, also while `close()` waits. */
  sendInBackground(input: MessageInput, options: SendOptions): void {
    const isClosed = this.#closing !== undefined
    this.#underWay++
    inBackground(input, options, (own, ownOptions) => {
      const sending = begin(own, ownOptions, this.#settings, isClosed)
      sending.inBackground = true
      void this.#attempt(sending, own).then((result) => this.#settle(sending, result).printUnseen())
    })
  }

  async verify(options: VerifyOptions): Promise<void> {
    const { transport, defaults } = this.#settings
    const envelope = envelopeToVerify(options, defaults, transport)
    if (!transport.verify) return
    try {
      await verifyTransport(transport, this.#deadlines, envelope, options.signal)
      this.#results.add()
    } catch (error) {
      if (MailError.is(error)) this.#checkFailed(error, envelope)
      throw error
    }
  }

  get health(): MailerHealth {
    return mailerHealth(this.#settings.transport, this.#results, this.#underWay, this.#counts)
  }

  close(): Promise<void> {
    this.#closing ??= this.#drain()
    return this.#closing
  }

  get stats(): MailerStats {
    return { ...this.#counts, lastFailure: this.#lastFailure }
  }

  #drain(): Promise<void> {
    const { transport, drainMs } = this.#settings
    const ended = new Promise<void>((resolve) => (this.#drained = resolve))
    if (this.#underWay === 0) this.#drained?.()
    return closeMailer(transport, drainMs, ended, () => this.#deadlines.stop(CLOSED))
  }

  #checkFailed(error: MailError, envelope: Envelope | undefined): void {
    const said = isPartlyDown(error) ? 'up' : verdictOnCheck(error, { envelope })
    if (said) this.#results.add(said === 'down' ? error : undefined)
  }

  #begin(input: MessageInput, options: SendOptions): Sending {
    this.#underWay++
    return begin(input, options, this.#settings, this.#closing !== undefined)
  }

  /** The result of the transport; undefined if there is none in time. Never rejects. */
  #attempt(sending: Sending, input: MessageInput): Promise<Delivery | MailError | undefined> {
    if (!isWatched(sendChannel)) return this.#run(sending, input)
    const traced = tracedSend(sending, this.#settings.transport.name, this.#watched)
    sending.traced = traced
    return publishSendStart(traced, () => this.#run(sending, input))
  }

  #run(sending: Sending, input: MessageInput): Promise<Delivery | MailError | undefined> {
    return sending.hasTemplate ? this.#renderFirst(sending, input) : this.#transfer(sending, input)
  }

  async #renderFirst(sending: Sending, input: MessageInput): Promise<Delivery | MailError | undefined> {
    const { defaults } = this.#settings
    const deadline = this.#startDeadline(sending)
    let written = input
    try {
      written = await renderInTime(input, defaults, deadline)
      sending.message = toMessage(written, defaults)
    } catch (cause) {
      sending.notBuilt = whyNotBuilt(cause)
    }
    if (sending.traced) setRendered(sending.traced, sending)
    return this.#transfer(sending, written)
  }

  #transfer(sending: Sending, input: MessageInput): Promise<Delivery | MailError | undefined> {
    const { message, notBuilt } = sending
    if (notBuilt) return this.#keepUnbuilt(sending, notBuilt, input)
    if (!message) return sending.attempted!
    const { transport } = this.#settings
    const deadline = this.#startDeadline(sending)
    const { signal, at: deadlineAt } = deadline
    if (signal.aborted) return Promise.resolve(givenUp(message, 'not-attempted', signal, transport.name))
    const late = (said: Delivery | MailError): void => {
      const result = MailError.is(said) ? said : checkedDelivery(said)
      if (!result) return
      if (sending.isSettled) this.#tellLate(sending, result)
      else (sending.early ??= []).push(result)
    }
    const failed = (error: MailError): void => this.#attemptFailed(sending, error)
    const tracing = sending.traced
    sending.attempted = sendThrough(transport, message, { signal, deadlineAt, failed, late, tracing })
    return deadline.race(sending.attempted)
  }

  /** The deadline of a send, which begins once. */
  #startDeadline(sending: Sending): Deadline {
    return (sending.deadline ??= this.#deadlines.start(sending.options.signal))
  }

  /** Gives a transport that keeps mails the message that could not be built. The result is always its failure. */
  async #keepUnbuilt(sending: Sending, error: MailError, input: MessageInput): Promise<MailError> {
    const { transport, defaults } = this.#settings
    if (!transport.notBuilt) return error
    const deadline = this.#startDeadline(sending)
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
    const found = said ?? givenUp(message!, 'unknown', deadline!.signal, this.#settings.transport.name)
    const result = MailError.is(found) ? endedByClosing(found, deadline?.signal) : found
    for (const error of result.failures) this.#attemptFailed(sending, error)
    const durationMs = performance.now() - sending.startedAt
    const settled = MailError.is(result)
      ? this.#failed(sending, result, durationMs)
      : this.#sent(sending, result, durationMs)
    sending.isSettled = true
    if (sending.traced) publishSendEnd(sending.traced, result, settled.receipt)
    // The caller has the receipt first.
    for (const early of sending.early ?? []) setImmediate(() => this.#tellLate(sending, early))
    if (--this.#underWay === 0) this.#drained?.()
    return settled
  }

  #sent(sending: Sending, delivery: Delivery, durationMs: number): Settled {
    this.#counts.sent++
    const why = whyQueued(delivery)
    if (why) this.#judge(why)
    else this.#results.add(undefined, sending.startedAt + durationMs)
    const receipt = sentReceipt(delivery, delivery.messageId ?? sending.message?.messageId, durationMs)
    void this.#tell(sending, { type: 'sent', receipt })
    const printUnseen = (): void => {
      for (const { error, taken } of sending.attempts)
        printUnlessTaken(error, taken, why ? 'the message is tried again:' : 'the message was sent, but')
    }
    return { receipt, printUnseen }
  }

  #failed(sending: Sending, error: MailError, durationMs: number): Settled {
    const { failure } = sending.options
    const silenced = isSilenced(isFailurePolicy(failure) ? failure : this.#settings.failure, error)
    this.#counts.failed++
    if (silenced) this.#counts.silenced++
    this.#lastFailure = error
    this.#judge(error)
    const taken = this.#tell(sending, { type: 'failed', error, silenced, durationMs })
    const unthrown = sending.inBackground ? 'failed in the background:' : 'unread failure'
    // Whoever sees the failure of the send does not see these.
    for (const attempt of sending.attempts)
      if (!isPartOf(attempt.error, error))
        printUnlessTaken(attempt.error, attempt.taken, 'beside the failure,')
    return {
      receipt: failedReceipt(error, silenced, this.#settings.transport.name, durationMs),
      printUnseen: () => printUnlessTaken(error, taken, silenced ? 'silenced' : unthrown),
    }
  }

  /** Notes what a failure says about the transport. */
  #judge(error: MailError): void {
    const health = verdictOn(error)
    if (health) this.#results.add(health === 'down' ? error : undefined)
  }

  #attemptFailed(sending: Sending, error: MailError): void {
    if (!MailError.is(error) || sending.attempts.some((each) => each.error === error)) return
    this.#counts.attemptsFailed++
    const taken = this.#tell(sending, { type: 'attempt-failed', error })
    sending.attempts = [...sending.attempts, { error, taken }]
    // A copy of the message, for example, is sent after the message.
    if (sending.isSettled) printUnlessTaken(error, taken, 'after the send,')
  }

  #tellLate(sending: Sending, result: Delivery | MailError): void {
    if (sending.traced) publishLateReply(sending.traced, result)
    if (!MailError.is(result))
      return void this.#tell(sending, { type: 'late-reply', delivery: frozenDelivery(result) })
    const taken = this.#tell(sending, { type: 'late-reply', error: result })
    printUnlessTaken(result, taken, 'a late reply says')
  }

  #tell({ message, options: { context }, inBackground: background }: Sending, news: News): Taken {
    const { observers, transport } = this.#settings
    if (observers.length === 0) return false
    const { messageId, envelope } = message ?? {}
    const common = {
      transport: transport.name,
      messageId: news.receipt?.messageId ?? messageId,
      envelope,
      context,
      inBackground: background,
    }
    return notify(observers, { ...common, ...news })
  }
}

/** Whether a failure is one of the attempts of another one, at any depth. */
function isPartOf(error: MailError, whole: MailError): boolean {
  return whole === error || whole.failures.some((failure) => isPartOf(error, failure))
}
