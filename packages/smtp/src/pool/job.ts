import {
  MailError,
  type Delivery,
  type Message,
  type Transcript,
  type TransportContext,
} from '@loudmail/core'
import { tellFailed, tellLate, tellTrace } from '@loudmail/core/transport'

const NONE: readonly MailError[] = Object.freeze([])

/** One message on its way through the engine, from `send()` to its outcome. It listens to its caller's signal. */
export class Job {
  readonly message: Message
  readonly context: TransportContext
  /** It was moved to a fresh connection once; it is not moved again. */
  moved = false
  settled = false
  /** It stands in the queue. */
  isWaiting = false
  /** When it came to the queue, counted in messages: a connection that began to open later is opened for it, too. */
  waitsSince = 0
  readonly #resolve: (delivery: Delivery) => void
  readonly #reject: (error: MailError) => void
  // A function: Node makes one of an object that listens, and that one outlives the send.
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

  /** Aborted once the message is settled: its content is of no use then, and what was opened for it is closed. */
  get reading(): AbortSignal {
    this.#reading ??= new AbortController()
    return this.#reading.signal
  }

  /** Notes an attempt that failed and that the engine recovers from. */
  failedOnce(error: MailError): void {
    this.moved = true
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
      // Only what was unknown can still be settled, and only by an answer.
      if (this.#unknown && error.delivered !== 'unknown') tellLate(this.context, error)
      return
    }
    this.#settle()
    this.#unknown = error.delivered === 'unknown'
    this.#trace(error.transcript)
    this.#reject(this.#failures.length > 0 ? error.with({ failures: this.#failures }) : error)
  }

  /** Its content cannot be put together or read: nobody has it. */
  failComposing(cause: unknown, facts: { transport: string; transcript?: Transcript }): void {
    const error = MailError.is(cause)
      ? cause
      : new MailError({ stage: 'compose', kind: 'unexpected', delivered: 'none', cause })
    const { envelope, messageId, replayable } = this.message
    const recipients = envelope.to.map((address) => ({ address, status: 'not-attempted' }) as const)
    this.fail(error.with({ recipients, permanence: error.permanence, messageId, replayable, ...facts }))
  }

  /** What the caller was told turns out to be unknown: the replies it came from may belong to another message. */
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
