import { addCallerFrames } from './caller-frames.ts'
import { configError } from '../failure/config-error.ts'
import { NONE } from '../message/address.ts'
import { Deadlines, type Deadline } from './deadline.ts'
import { failAll } from '../failure/fail-all.ts'
import { MailError } from '../failure/mail-error.ts'
import {
  checkSendOptions,
  ownSendOptions,
  mailerSettings,
  mergedOptions,
  NO_OPTIONS,
  type MailerOptions,
  type MailerSettings,
  type SendOptions,
} from './mailer-options.ts'
import type { MessageInput } from '../message/message-input.ts'
import type { Message } from '../message/message.ts'
import { notify, printUnlessTaken, type Taken, type Told } from './observer.ts'
import { checkedDelivery, sendThrough } from '../transports/send-through.ts'
import { isFailurePolicy, isSilenced } from './policy.ts'
import { frozenDelivery, type Receipt, type SentOne } from './receipt.ts'
import { sendMany, type SendManyOptions } from './send-many.ts'
import { toMessage } from '../message/to-message.ts'
import type { Delivery } from '../transports/transport.ts'

/** Counts since the mailer was created. */
export interface MailerStats {
  readonly sent: number
  readonly failed: number
  /** How many of `failed` were not thrown because of the policy. */
  readonly silenced: number
  /** Failed attempts after which a wrapper continued. */
  readonly attemptsFailed: number
  readonly lastFailure?: MailError | undefined
}

/** A settled and observed send. What is left is to throw, to return, or to print what nobody saw. */
interface Settled {
  readonly receipt: Receipt
  /** Prints failures that nobody has seen: neither thrown, nor read by an observer. */
  readonly printUnseen: () => void
}

/** A send in progress. There may be thousands at once, so it is small. */
interface Sending {
  readonly startedAt: number
  readonly message: Message | undefined
  readonly options: SendOptions
  /** The attempts that have failed so far, and whether an observer took each failure. */
  attempts: readonly { readonly error: MailError; readonly taken: Taken }[]
  deadline?: Deadline | undefined
  /** The result of the transport, even after the deadline. */
  attempted?: Promise<Delivery | MailError>
}

/** What {@link Mailer} adds to every event. */
type Common = 'transport' | 'messageId' | 'envelope' | 'context'
type News = Told extends infer Event ? (Event extends Told ? Omit<Event, Common> : never) : never

/** Sends messages through a transport. Every failure is counted and reported to observers, then thrown or returned, as the policy says. */
export class Mailer {
  /** What this is a view of, made by {@link with}; usually itself. */
  #whole: Mailer = this
  #sendOptions: SendOptions = NO_OPTIONS
  readonly #options: MailerOptions
  readonly #settings: MailerSettings
  readonly #deadlines: Deadlines
  readonly #counts = { sent: 0, failed: 0, silenced: 0, attemptsFailed: 0 }
  #lastFailure: MailError | undefined
  #underWay = 0
  #drained: (() => void) | undefined
  #closing: Promise<void> | undefined

  /** @throws MailError `config/invalid-config`, under every policy */
  constructor(options: MailerOptions) {
    this.#options = options
    this.#settings = mailerSettings(options)
    this.#deadlines = new Deadlines(this.#settings.deadlineMs)
  }

  /**
   * Sends one message: attempt, count, call the observers, then throw or return.
   *
   * @throws MailError unless the failure is silenced
   */
  send(input: MessageInput, options: SendOptions = NO_OPTIONS): Promise<Receipt> {
    if (this.#whole !== this) return this.#whole.send(input, mergedOptions(this.#sendOptions, options))
    const sending = this.#accept(input, options)
    // Not an async function: thousands of sends may be in progress, and each would keep a whole frame.
    return this.#attempt(sending).then((result) => {
      const { receipt, printUnseen } = this.#settle(sending, result)
      if (!receipt.ok && !receipt.silenced) {
        addCallerFrames(receipt.error)
        throw receipt.error
      }
      printUnseen()
      return receipt
    })
  }

  /**
   * Sends many messages while you loop over the result, which yields each one as it settles. At most `concurrency` are in
   * progress or not yet yielded. A failed message never throws: its receipt contains the failure, and if nobody reads that
   * receipt, the failure is printed. If you leave the loop, no more messages are read, and the sends in progress are
   * awaited. An error of the source is thrown after them.
   */
  sendMany(
    inputs: Iterable<MessageInput> | AsyncIterable<MessageInput>,
    options: SendManyOptions = {},
  ): AsyncIterable<SentOne> {
    if (
      typeof inputs !== 'object' ||
      inputs === null ||
      !(Symbol.asyncIterator in inputs || Symbol.iterator in inputs)
    )
      throw configError('sendMany() needs an array or another iterable of messages')
    if (this.#whole !== this) return this.#whole.sendMany(inputs, mergedOptions(this.#sendOptions, options))
    return sendMany(inputs, options, async (input, sendOptions) => {
      const sending = this.#accept(input, sendOptions)
      const { receipt, printUnseen } = this.#settle(sending, await this.#attempt(sending))
      // The caller sees a loud failure in the receipt. It is printed only if nobody reads the receipt.
      const isSeenLater = !receipt.ok && !receipt.silenced
      if (!isSeenLater) printUnseen()
      return { receipt, unseen: isSeenLater ? printUnseen : undefined }
    })
  }

  /**
   * A view of this mailer whose sends have these options by default, such as those of one request or tenant. Contexts are
   * merged, and either signal ends a send. The views share counts, transport and closing.
   *
   * @throws MailError `config/invalid-config`
   */
  with(options: SendOptions): Mailer {
    checkSendOptions(options, 'with()')
    const view = new Mailer(this.#options)
    view.#whole = this.#whole
    view.#sendOptions = mergedOptions(this.#sendOptions, options)
    return view
  }

  /**
   * Checks at start that the server is reachable and accepts the credentials, without sending anything.
   *
   * @throws MailError under every policy
   */
  async verify(): Promise<void> {
    if (this.#whole !== this) return this.#whole.verify()
    const { transport } = this.#settings
    if (!transport.verify) return
    const deadline = this.#deadlines.start()
    try {
      const verified = transport.verify({ signal: deadline.signal }).then(() => true)
      if (await deadline.race(verified)) return
      throw new MailError({
        stage: 'queue',
        kind: 'timeout',
        summary: 'the check did not finish in time',
        transport: transport.name,
      })
    } catch (cause) {
      if (MailError.is(cause)) throw cause
      throw new MailError({
        stage: 'submit',
        kind: 'unexpected',
        delivered: 'none',
        permanence: 'unknown',
        transport: transport.name,
        cause,
      })
    } finally {
      this.#deadlines.end(deadline)
    }
  }

  /** Accepts no more messages, waits for the sends in progress, then closes the transport. Calling it again does nothing. */
  close(): Promise<void> {
    if (this.#whole !== this) return this.#whole.close()
    this.#closing ??= this.#drain()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  get stats(): MailerStats {
    if (this.#whole !== this) return this.#whole.stats
    return { ...this.#counts, lastFailure: this.#lastFailure }
  }

  async #drain(): Promise<void> {
    if (this.#underWay > 0) await new Promise<void>((resolve) => (this.#drained = resolve))
    await this.#settings.transport.close?.()
  }

  #accept(input: MessageInput, options: SendOptions): Sending {
    this.#underWay++
    const startedAt = performance.now()
    let own = NO_OPTIONS
    try {
      own = ownSendOptions(options)
      checkSendOptions(options)
      if (this.#closing)
        throw new MailError({ stage: 'queue', kind: 'pool-closed', transport: this.#settings.transport.name })
      const message = toMessage(input, this.#settings.defaults)
      return { startedAt, message, options: own, attempts: NONE }
    } catch (cause) {
      const refused = MailError.is(cause)
        ? cause
        : // A getter or an iterator of the message threw.
          new MailError({
            stage: 'compose',
            kind: 'invalid-message',
            summary: 'the message could not be read',
            cause,
          })
      const attempted = Promise.resolve(refused)
      return { startedAt, message: undefined, options: own, attempts: NONE, attempted }
    }
  }

  /** The result of the transport; undefined if there is none in time. Never rejects. */
  #attempt(sending: Sending): Promise<Delivery | MailError | undefined> {
    const { message, options } = sending
    if (!message) return sending.attempted!
    const deadline = this.#deadlines.start(options.signal)
    sending.deadline = deadline
    const { signal } = deadline
    if (signal.aborted) return Promise.resolve(this.#givenUp(message, 'not-attempted', signal))
    const late = (said: Delivery | MailError): void => {
      const result = MailError.is(said) ? said : checkedDelivery(said)
      if (result) this.#tellLate(sending, result)
    }
    const failed = (error: MailError): void => this.#attemptFailed(sending, error)
    sending.attempted = sendThrough(this.#settings.transport, message, { signal, failed, late })
    return deadline.race(sending.attempted)
  }

  #settle(sending: Sending, said: Delivery | MailError | undefined): Settled {
    const { message, deadline, attempted } = sending
    if (deadline) this.#deadlines.end(deadline)
    if (!said) void attempted!.then((result) => this.#tellLate(sending, result))
    const result = said ?? this.#givenUp(message!, 'unknown', deadline!.signal)
    for (const error of result.failures) this.#attemptFailed(sending, error)
    const durationMs = performance.now() - sending.startedAt
    const settled = MailError.is(result)
      ? this.#failed(sending, result, durationMs)
      : this.#sent(sending, result, durationMs)
    if (--this.#underWay === 0) this.#drained?.()
    return settled
  }

  /** The failure of a send whose transport did not report in time how far it got. */
  #givenUp(message: Message, status: 'not-attempted' | 'unknown', signal: AbortSignal): MailError {
    const isTimeout = (signal.reason as { name?: unknown } | undefined)?.name === 'TimeoutError'
    return failAll(message, status, {
      stage: status === 'unknown' ? 'submit' : 'queue',
      kind: isTimeout ? 'timeout' : 'aborted',
      summary: isTimeout ? 'the deadline passed' : undefined,
      transport: this.#settings.transport.name,
    })
  }

  #sent(sending: Sending, delivery: Delivery, durationMs: number): Settled {
    this.#counts.sent++
    const { state, response, transport, failures, transcript } = frozenDelivery(delivery)
    const receipt = Object.freeze({
      ok: true,
      state,
      response,
      messageId: sending.message?.messageId,
      transport,
      durationMs,
      failures,
      transcript,
    } as const)
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
    const { messageId, failures, transcript } = error
    const transport = error.transport ?? this.#settings.transport.name
    const receipt = Object.freeze({
      ok: false,
      state: 'failed',
      error,
      silenced,
      messageId,
      transport,
      durationMs,
      failures,
      transcript,
    } as const)
    return {
      receipt,
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
    if (MailError.is(result))
      printUnlessTaken(
        result,
        this.#tell(sending, { type: 'late-reply', error: result }),
        'a late reply says',
      )
    else void this.#tell(sending, { type: 'late-reply', delivery: frozenDelivery(result) })
  }

  #tell({ message, options: { context } }: Sending, news: News): Taken {
    const { observers, transport } = this.#settings
    if (observers.length === 0) return false
    const { messageId, envelope } = message ?? {}
    return notify(observers, {
      transport: transport.name,
      messageId,
      envelope,
      context,
      ...news,
    })
  }
}
