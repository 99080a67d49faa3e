import { Deadlines, type Deadline } from './deadline.ts'
import { failAll } from './fail-all.ts'
import { MailError } from './mail-error.ts'
import {
  checkSendOptions,
  mailerSettings,
  type MailerOptions,
  type MailerSettings,
  type SendOptions,
} from './mailer-options.ts'
import type { MessageInput } from './message-input.ts'
import type { Message } from './message.ts'
import { notify, printUnlessTaken, type MailEvent, type Taken } from './observer.ts'
import { attempt } from './outcome.ts'
import { isFailurePolicy, isSilenced } from './policy.ts'
import type { Receipt } from './receipt.ts'
import { sendMany, type SendManyOptions, type SentOne } from './send-many.ts'
import { toMessage } from './to-message.ts'
import type { Delivery } from './transport.ts'

/** Counts since the mailer was made. */
export interface MailerStats {
  readonly sent: number
  readonly failed: number
  /** Those of `failed` that were not thrown because of the policy. */
  readonly silenced: number
  /** Tries that failed and that a wrapper went on from. */
  readonly attemptsFailed: number
  readonly lastFailure?: MailError | undefined
}

/** A settled and observed send: what is left is to throw, to return, or to print what nobody saw. */
interface Settled {
  readonly receipt: Receipt
  /** Prints the failures that nobody took; for those that are not thrown and not handed to the caller. */
  readonly printUnseen: () => void
}

/** What the events of one message have in common. */
interface About {
  readonly message: Message | undefined
  readonly context: SendOptions['context']
  /** Tries that failed so far, and whether an observer took each. */
  readonly attempts: { readonly error: MailError; readonly taken: Taken }[]
}

type Told = MailEvent extends infer Event
  ? Event extends MailEvent
    ? Omit<Event, 'at' | 'transport' | 'messageId' | 'envelope' | 'context'>
    : never
  : never

/** Sends messages through a transport, counts and tells every failure, and then throws or returns it as the policy says. */
export class Mailer {
  readonly #settings: MailerSettings
  readonly #deadlines: Deadlines
  readonly #counts = { sent: 0, failed: 0, silenced: 0, attemptsFailed: 0 }
  #lastFailure: MailError | undefined
  #underWay = 0
  #drained: (() => void) | undefined
  #closing: Promise<void> | undefined

  /** @throws MailError `config/invalid-config`, whatever the policy */
  constructor(options: MailerOptions) {
    this.#settings = mailerSettings(options)
    this.#deadlines = new Deadlines(this.#settings.deadlineMs)
  }

  /**
   * Sends one message: attempt, count, tell the observers, then throw or return.
   *
   * @throws MailError unless the failure is silenced
   */
  async send(input: MessageInput, options: SendOptions = {}): Promise<Receipt> {
    const { receipt, printUnseen } = await this.#settle(input, options)
    if (!receipt.ok && !receipt.silenced) throw receipt.error
    printUnseen()
    return receipt
  }

  /**
   * Sends many, yielding each as it settles; at most `concurrency` are under way or waiting to be taken. A failed
   * message never throws. Leaving the loop stops pulling and waits for what is in flight; an error of the source is
   * thrown after that.
   */
  sendMany(
    inputs: Iterable<MessageInput> | AsyncIterable<MessageInput>,
    options: SendManyOptions = {},
  ): AsyncIterable<SentOne> {
    return sendMany(inputs, options, async (input, sendOptions) => {
      const { receipt, printUnseen } = await this.#settle(input, sendOptions)
      // A loud failure is the caller's to see in the receipt; only one that is never taken has to be printed.
      const isSeenLater = !receipt.ok && !receipt.silenced
      if (!isSeenLater) printUnseen()
      return { receipt, dropped: isSeenLater ? printUnseen : () => {} }
    })
  }

  /**
   * Checks at start that the transport is reachable and takes the credentials, without sending anything.
   *
   * @throws MailError whatever the policy
   */
  async verify(): Promise<void> {
    const { transport } = this.#settings
    if (!transport.verify) return
    const deadline = this.#deadlines.start()
    try {
      const verified = transport.verify({ signal: deadline.signal }).then(() => true)
      if (await deadline.race(verified)) return
      throw new MailError({
        stage: 'queue',
        kind: 'timeout',
        summary: 'the check did not end in time',
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

  /** Takes no more messages, waits for those under way, then closes the transport. Calling it again does nothing. */
  close(): Promise<void> {
    this.#closing ??= this.#drain()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  get stats(): MailerStats {
    return { ...this.#counts, lastFailure: this.#lastFailure }
  }

  async #drain(): Promise<void> {
    if (this.#underWay > 0) await new Promise<void>((resolve) => (this.#drained = resolve))
    await this.#settings.transport.close?.()
  }

  /** Never rejects. */
  async #settle(input: MessageInput, options: SendOptions): Promise<Settled> {
    this.#underWay++
    const start = performance.now()
    const { message, error: refused } = this.#accept(input, options)
    // Options that are none were refused just now.
    const { failure, context, signal } = options ?? {}
    const about: About = { message, context, attempts: [] }
    const result = message
      ? await this.#attempt(message, about, signal instanceof AbortSignal ? signal : undefined)
      : refused
    for (const error of result.failures) this.#attemptFailed(about, error)
    const durationMs = performance.now() - start
    const settled = MailError.is(result)
      ? this.#failed(about, result, failure, durationMs)
      : this.#sent(about, result, durationMs)
    if (--this.#underWay === 0) this.#drained?.()
    return settled
  }

  #accept(
    input: MessageInput,
    options: SendOptions,
  ): { message: Message; error?: never } | { message?: never; error: MailError } {
    try {
      checkSendOptions(options)
      if (this.#closing)
        throw new MailError({ stage: 'queue', kind: 'pool-closed', transport: this.#settings.transport.name })
      return { message: toMessage(input, this.#settings.defaults) }
    } catch (cause) {
      if (MailError.is(cause)) return { error: cause }
      // A getter or an iterator of the message threw.
      return {
        error: new MailError({
          stage: 'compose',
          kind: 'invalid-message',
          summary: 'the message could not be read',
          cause,
        }),
      }
    }
  }

  async #attempt(
    message: Message,
    about: About,
    caller: AbortSignal | undefined,
  ): Promise<Delivery | MailError> {
    const deadline = this.#deadlines.start(caller)
    if (deadline.signal.aborted) {
      this.#deadlines.end(deadline)
      return this.#givenUp(message, 'not-attempted', deadline)
    }
    const late = (result: Delivery | MailError): void => this.#tellLate(about, result)
    const failed = (error: MailError): void => this.#attemptFailed(about, error)
    const sending = attempt(this.#settings.transport, message, { signal: deadline.signal, failed, late })
    const result = await deadline.race(sending)
    this.#deadlines.end(deadline)
    if (result) return result
    void sending.then(late)
    return this.#givenUp(message, 'unknown', deadline)
  }

  /** The failure of a send whose transport did not say in time how far it had come. */
  #givenUp(message: Message, status: 'not-attempted' | 'unknown', { signal }: Deadline): MailError {
    const isTimeout = (signal.reason as { name?: unknown } | undefined)?.name === 'TimeoutError'
    return failAll(message, status, {
      stage: status === 'unknown' ? 'submit' : 'queue',
      kind: isTimeout ? 'timeout' : 'aborted',
      summary: isTimeout ? 'the deadline passed' : undefined,
      transport: this.#settings.transport.name,
    })
  }

  #sent(about: About, delivery: Delivery, durationMs: number): Settled {
    this.#counts.sent++
    const { state, response, transport, failures, transcript } = delivery
    const receipt = {
      ok: true,
      state,
      response,
      messageId: about.message?.messageId,
      transport,
      durationMs,
      failures,
      transcript,
    } as const
    void this.#tell(about, { type: 'sent', receipt })
    const printUnseen = (): void => {
      for (const { error, taken } of about.attempts) printUnlessTaken(error, taken, 'a later try made good')
    }
    return { receipt, printUnseen }
  }

  #failed(about: About, error: MailError, failure: unknown, durationMs: number): Settled {
    const silenced = isSilenced(isFailurePolicy(failure) ? failure : this.#settings.failure, error)
    this.#counts.failed++
    if (silenced) this.#counts.silenced++
    this.#lastFailure = error
    const taken = this.#tell(about, { type: 'failed', error, silenced, durationMs })
    const { messageId, failures, transcript } = error
    const transport = error.transport ?? this.#settings.transport.name
    const receipt = {
      ok: false,
      state: 'failed',
      error,
      silenced,
      messageId,
      transport,
      durationMs,
      failures,
      transcript,
    } as const
    return {
      receipt,
      printUnseen: () => printUnlessTaken(error, taken, silenced ? 'silenced' : 'nobody took'),
    }
  }

  #attemptFailed(about: About, error: MailError): void {
    if (!MailError.is(error) || about.attempts.some((each) => each.error === error)) return
    this.#counts.attemptsFailed++
    about.attempts.push({ error, taken: this.#tell(about, { type: 'attempt-failed', error }) })
  }

  #tellLate(about: About, result: Delivery | MailError): void {
    if (MailError.is(result))
      printUnlessTaken(result, this.#tell(about, { type: 'late-reply', error: result }), 'a late reply says')
    else void this.#tell(about, { type: 'late-reply', delivery: result })
  }

  #tell({ message, context }: About, told: Told): Taken {
    const { observers, transport } = this.#settings
    if (observers.length === 0) return false
    const { messageId, envelope } = message ?? {}
    return notify(observers, {
      at: new Date(),
      transport: transport.name,
      messageId,
      envelope,
      context,
      ...told,
    })
  }
}
