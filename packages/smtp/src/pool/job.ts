import {
  MailError,
  type Delivery,
  type Message,
  type TransportContext,
  type Transcript,
} from '@loudmail/core'

const NONE: readonly MailError[] = Object.freeze([])

/** One message on its way through the engine, from `send()` to its outcome; it listens to the signal of its caller. */
export class Job {
  readonly message: Message
  readonly context: TransportContext
  /** It was moved to a fresh connection once; it is not moved again. */
  moved = false
  settled = false
  readonly #resolve: (delivery: Delivery) => void
  readonly #reject: (error: MailError) => void
  // A function: Node makes one of an object that listens, and that one outlives the send.
  readonly #giveUp: (() => void) | undefined
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

  /** Notes a try that failed and that the engine goes on from. */
  failedOnce(error: MailError): void {
    this.moved = true
    this.#failures = [...this.#failures, error]
    this.#trace(error.transcript)
    this.context.failed?.(error)
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
    if (this.settled) return this.context.late?.(delivery)
    this.#settle()
    this.#resolve(delivery)
  }

  fail(error: MailError): void {
    if (this.settled) {
      // Only what was unknown can still be settled, and only by an answer.
      if (this.#unknown && error.delivered !== 'unknown') this.context.late?.(error)
      return
    }
    this.#settle()
    this.#unknown = error.delivered === 'unknown'
    this.#trace(error.transcript)
    this.#reject(this.#failures.length > 0 ? error.with({ failures: this.#failures }) : error)
  }

  #settle(): void {
    this.settled = true
    if (this.#giveUp) this.context.signal?.removeEventListener('abort', this.#giveUp)
  }

  #trace(transcript: Transcript | undefined): void {
    if (transcript) this.context.trace?.add(transcript)
  }
}
