import {
  MailError,
  type Delivery,
  type Message,
  type Transcript,
  type TransportContext,
} from '@loudmail/core'
import { tellFailed, tellLate, tellTrace, type Extension } from '@loudmail/core/transport'

const NONE: readonly MailError[] = Object.freeze([])

/** One message in the engine, from `send()` to its outcome. It listens to the signal of its caller. */
export class Job {
  readonly message: Message
  readonly context: TransportContext
  /** Its connection was lost before it began, so it moved to a fresh one. That happens once. */
  moved = false
  /** It goes without this extension, because the server failed it with. */
  without: Extension | undefined
  settled = false
  /** It is in the queue. */
  isWaiting = false
  /** Its number in the queue. A connection that began to open after it entered the queue is opened for it, too. */
  waitsSince = 0
  readonly #resolve: (delivery: Delivery) => void
  readonly #reject: (error: MailError) => void
  // A function, because Node wraps an object that listens in a function that outlives the send.
  readonly #giveUp: (() => void) | undefined
  #reading: AbortController | undefined
  #failures: readonly MailError[] = NONE
  #unknown = false

  constructor(
    message: Message,
    context: TransportContext,
    resolve: (delivery: Delivery) => void,
    reject: (error: MailError) => void,
    abandon: (job: Job) => void,
  ) {
    this.message = message
    this.context = context
    this.#resolve = resolve
    this.#reject = reject
    if (!context.signal) return
    this.#giveUp = () => abandon(this)
    context.signal.addEventListener('abort', this.#giveUp)
  }

  /** Aborted once the message is settled: nobody needs its content then, and its streams are closed. */
  get reading(): AbortSignal {
    this.#reading ??= new AbortController()
    return this.#reading.signal
  }

  /** Records a failed attempt that the engine recovers from. */
  failedOnce(error: MailError): void {
    this.#failures = [...this.#failures, error]
    this.#trace(error.transcript)
    tellFailed(this.context, error)
  }

  deliver(transport: string, response: string, transcript: () => Transcript): void {
    const recorded = this.context.trace && transcript()
    this.#trace(recorded)
    const delivery: Delivery = {
      transport,
      state: 'sent',
      response,
      failures: this.#failures,
      transcript: recorded,
    }
    if (this.settled) return tellLate(this.context, delivery)
    this.#settle()
    this.#resolve(delivery)
  }

  fail(error: MailError): void {
    if (this.settled) {
      // Only an unknown outcome can still change, and only by an answer.
      if (this.#unknown && error.delivered !== 'unknown') tellLate(this.context, error)
      return
    }
    this.#settle()
    this.#unknown = error.delivered === 'unknown'
    this.#trace(error.transcript)
    this.#reject(this.#failures.length > 0 ? error.with({ failures: this.#failures }) : error)
  }

  /** Its content cannot be composed or read, so nobody has it. */
  failComposing(cause: unknown, facts: { transport: string; transcript?: Transcript }): void {
    const error = MailError.is(cause)
      ? cause
      : new MailError({ stage: 'compose', kind: 'unexpected', delivered: 'none', cause })
    const { envelope, messageId, replayable } = this.message
    const recipients = envelope.to.map((address) => ({ address, status: 'not-attempted' }) as const)
    this.fail(error.with({ recipients, permanence: error.permanence, messageId, replayable, ...facts }))
  }

  /** The outcome that the caller got is in fact unknown: its replies may belong to another message. */
  takeBack(error: MailError): void {
    if (!this.#unknown) tellLate(this.context, error)
  }

  #settle(): void {
    this.settled = true
    this.#reading?.abort()
    if (this.#giveUp) this.context.signal?.removeEventListener('abort', this.#giveUp)
  }

  #trace(transcript: Transcript | undefined): void {
    if (transcript) tellTrace(this.context, transcript)
  }
}
