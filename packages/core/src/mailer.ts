import { checkNumber, checkOptions, configError } from './config-error.ts'
import { Deadline } from './deadline.ts'
import { failAll } from './fail-all.ts'
import { MailError } from './mail-error.ts'
import type { MessageInput } from './message-input.ts'
import type { Message } from './message.ts'
import { notify, printUnlessTaken, type MailEvent, type Observer, type Taken } from './observer.ts'
import { attempt } from './outcome.ts'
import { isFailurePolicy, isSilenced, type FailurePolicy } from './policy.ts'
import type { Receipt } from './receipt.ts'
import { sendMany, type SendManyOptions, type SentOne } from './send-many.ts'
import { toMessage } from './to-message.ts'
import type { Delivery, Transport } from './transport.ts'
import { checkTransport } from './wrap.ts'

export interface MailerOptions {
  readonly transport: Transport
  /** What `send()` does with a failure. @default 'loud' */
  readonly failure?: FailurePolicy | undefined
  /** Fields that every message has unless it says otherwise, `from` say. */
  readonly defaults?: Partial<MessageInput> | undefined
  /** The longest a send may take, all tries included, in ms; `Infinity` for no limit. @default 120_000 */
  readonly deadlineMs?: number | undefined
  readonly observe?: Observer | readonly Observer[] | undefined
}

export interface SendOptions {
  /** Replaces the mailer's policy for this message. */
  readonly failure?: FailurePolicy | undefined
  /** Ends the send; what may have gone out by then is told. */
  readonly signal?: AbortSignal | undefined
  /** Handed to observers with every event of this message, a request id say. */
  readonly context?: Readonly<Record<string, unknown>> | undefined
}

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

/** A settled send, before anybody was told. */
interface Outcome {
  readonly message: Message | undefined
  readonly result: Delivery | MailError
  readonly durationMs: number
  readonly attempts: readonly { error: MailError; taken: Taken }[]
}

/** A settled and observed send: what is left is to throw, to return, or to print what nobody saw. */
interface Settled {
  readonly receipt: Receipt
  /** Prints the failures that nobody took; for those that are not thrown and not handed to the caller. */
  readonly printUnseen: () => void
}

const OPTIONS = ['transport', 'failure', 'defaults', 'deadlineMs', 'observe']

/** Sends messages through a transport, counts and tells every failure, and then throws or returns it as the policy says. */
export class Mailer {
  readonly #transport: Transport
  readonly #failure: FailurePolicy
  readonly #defaults: Partial<MessageInput>
  readonly #deadlineMs: number
  readonly #observers: readonly Observer[]
  readonly #inFlight = new Set<Promise<unknown>>()
  readonly #counts = { sent: 0, failed: 0, silenced: 0, attemptsFailed: 0 }
  #lastFailure: MailError | undefined
  #closing: Promise<void> | undefined

  /** @throws MailError `config/invalid-config`, whatever the policy */
  constructor(options: MailerOptions) {
    checkOptions(options, 'Mailer', OPTIONS)
    checkTransport(options.transport, 'Mailer')
    const { transport, failure = 'loud', defaults = {}, deadlineMs = 120_000, observe = [] } = options
    if (!isFailurePolicy(failure)) throw configError("failure must be 'loud', 'silent' or a function")
    checkNumber(deadlineMs, 'deadlineMs', 1)
    const observers: readonly unknown[] = Array.isArray(observe) ? observe : [observe]
    if (observers.some((observer) => typeof observer !== 'function'))
      throw configError('observe must be a function or a list of functions')
    checkDefaults(defaults)
    this.#transport = transport
    this.#failure = failure
    this.#defaults = defaults
    this.#deadlineMs = deadlineMs
    this.#observers = observers as readonly Observer[]
  }

  /**
   * Sends one message: attempt, count, tell the observers, then throw or return.
   *
   * @throws MailError unless the failure is silenced
   */
  async send(input: MessageInput, options: SendOptions = {}): Promise<Receipt> {
    const { receipt, printUnseen } = await this.#track(this.#settle(input, options))
    if (receipt.ok || receipt.silenced) {
      printUnseen()
      return receipt
    }
    throw receipt.error
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
      const { receipt, printUnseen } = await this.#track(this.#settle(input, sendOptions))
      // A loud failure is the caller's to see in the receipt; only one that is never taken has to be printed.
      if (receipt.ok || receipt.silenced) printUnseen()
      return { receipt, dropped: receipt.ok || receipt.silenced ? () => {} : printUnseen }
    })
  }

  /**
   * Checks at start that the transport is reachable and takes the credentials, without sending anything.
   *
   * @throws MailError whatever the policy
   */
  async verify(): Promise<void> {
    const transport = this.#transport
    if (!transport.verify) return
    const deadline = new Deadline(this.#deadlineMs, undefined)
    try {
      await deadline.race(transport.verify({ signal: deadline.signal }), () => {
        throw new MailError({
          stage: 'queue',
          kind: 'timeout',
          summary: 'the check did not end in time',
          transport: transport.name,
        })
      })
    } catch (thrown) {
      if (MailError.is(thrown)) throw thrown
      throw new MailError({
        stage: 'submit',
        kind: 'unexpected',
        delivered: 'none',
        permanence: 'unknown',
        transport: transport.name,
        cause: thrown,
      })
    } finally {
      deadline.clear()
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
    while (this.#inFlight.size > 0) await Promise.allSettled(this.#inFlight)
    await this.#transport.close?.()
  }

  #track<T>(promise: Promise<T>): Promise<T> {
    this.#inFlight.add(promise)
    // It never rejects; the second argument only keeps that promise honest.
    const done = (): void => void this.#inFlight.delete(promise)
    promise.then(done, done)
    return promise
  }

  async #settle(input: MessageInput, options: SendOptions): Promise<Settled> {
    const { failure, context } = typeof options === 'object' && options !== null ? options : {}
    const outcome = await this.#attempt(input, options, context)
    const { message, result, durationMs, attempts } = outcome
    const about = this.#about(message, context)
    if (!MailError.is(result)) {
      this.#counts.sent++
      const receipt = {
        ok: true,
        state: result.state,
        response: result.response,
        messageId: message?.messageId,
        transport: result.transport,
        durationMs,
        failures: result.failures,
        transcript: result.transcript,
      } as const
      void notify(this.#observers, { ...about, type: 'sent', receipt })
      const printUnseen = (): void => {
        for (const { error, taken } of attempts) printUnlessTaken(error, taken, 'a later try made good')
      }
      return { receipt, printUnseen }
    }
    const policy = isFailurePolicy(failure) ? failure : this.#failure
    const silenced = isSilenced(policy, result)
    this.#counts.failed++
    if (silenced) this.#counts.silenced++
    this.#lastFailure = result
    const taken = notify(this.#observers, { ...about, type: 'failed', error: result, silenced, durationMs })
    const receipt = {
      ok: false,
      state: 'failed',
      error: result,
      silenced,
      messageId: result.messageId,
      transport: result.transport ?? this.#transport.name,
      durationMs,
      failures: result.failures,
      transcript: result.transcript,
    } as const
    return {
      receipt,
      printUnseen: () => printUnlessTaken(result, taken, silenced ? 'silenced' : 'nobody took'),
    }
  }

  /** Never rejects. */
  async #attempt(
    input: MessageInput,
    options: SendOptions,
    context: SendOptions['context'],
  ): Promise<Outcome> {
    const start = performance.now()
    const attempts: { error: MailError; taken: Taken }[] = []
    const ended = (message: Message | undefined, result: Delivery | MailError): Outcome => {
      for (const error of result.failures) failed(message, error)
      return { message, result, durationMs: performance.now() - start, attempts }
    }
    const failed = (message: Message | undefined, error: MailError): void => {
      if (!MailError.is(error) || attempts.some((each) => each.error === error)) return
      this.#counts.attemptsFailed++
      const taken = notify(this.#observers, {
        ...this.#about(message, context),
        type: 'attempt-failed',
        error,
      })
      attempts.push({ error, taken })
    }
    let message: Message
    try {
      checkSendOptions(options)
      if (this.#closing) throw new MailError({ stage: 'queue', kind: 'pool-closed' })
      message = toMessage(input, this.#defaults)
    } catch (thrown) {
      return ended(undefined, MailError.is(thrown) ? thrown : unreadable(thrown))
    }
    const deadline = new Deadline(this.#deadlineMs, options.signal)
    try {
      if (deadline.signal.aborted)
        return ended(message, this.#givenUp(message, 'not-attempted', deadline.signal))
      const late = (result: Delivery | MailError): void => this.#tellLate(message, context, result)
      const sending = attempt(this.#transport, message, {
        signal: deadline.signal,
        failed: (error) => failed(message, error),
        late,
      })
      let gaveUp = false
      const result = await deadline.race(sending, () => {
        gaveUp = true
        return this.#givenUp(message, 'unknown', deadline.signal)
      })
      if (gaveUp) void sending.then(late)
      return ended(message, result)
    } finally {
      deadline.clear()
    }
  }

  /** The failure of a send whose transport did not say in time how far it had come. */
  #givenUp(message: Message, status: 'not-attempted' | 'unknown', signal: AbortSignal): MailError {
    return failAll(message, status, {
      stage: status === 'unknown' ? 'submit' : 'queue',
      kind: isTimeout(signal) ? 'timeout' : 'aborted',
      summary: isTimeout(signal) ? 'the deadline passed' : undefined,
      transport: this.#transport.name,
    })
  }

  #tellLate(message: Message, context: SendOptions['context'], result: Delivery | MailError): void {
    const about = this.#about(message, context)
    if (!MailError.is(result))
      void notify(this.#observers, { ...about, type: 'late-reply', delivery: result })
    else
      printUnlessTaken(
        result,
        notify(this.#observers, { ...about, type: 'late-reply', error: result }),
        'a late reply says',
      )
  }

  #about(message: Message | undefined, context: SendOptions['context']): Omit<MailEvent, 'type' | 'error'> {
    return {
      at: new Date(),
      transport: this.#transport.name,
      messageId: message?.messageId,
      envelope: message?.envelope,
      context,
    }
  }
}

function isTimeout(signal: AbortSignal): boolean {
  return (signal.reason as { name?: unknown } | undefined)?.name === 'TimeoutError'
}

function checkDefaults(defaults: unknown): void {
  try {
    const sample = 'postmaster@example.com'
    toMessage({
      ...(defaults as object),
      from: (defaults as MessageInput).from ?? sample,
      to: (defaults as MessageInput).to ?? sample,
    })
  } catch (thrown) {
    throw configError(
      `defaults: ${MailError.is(thrown) ? thrown.summary : 'must be an object with fields of a message'}`,
    )
  }
}

function checkSendOptions(options: SendOptions): void {
  checkOptions(options, 'send()', ['failure', 'signal', 'context', 'concurrency'])
  if (options.failure !== undefined && !isFailurePolicy(options.failure)) {
    throw configError("the failure option of send() must be 'loud', 'silent' or a function")
  }
  if (options.signal !== undefined && !(options.signal instanceof AbortSignal)) {
    throw configError('the signal option of send() must be an AbortSignal')
  }
}

/** A message whose own getters or iterators throw. */
function unreadable(thrown: unknown): MailError {
  return new MailError({
    stage: 'compose',
    kind: 'invalid-message',
    summary: 'the message could not be read',
    cause: thrown,
  })
}
