import type { MailError, Message, TransportContext } from '@loudmail/core'
import { Attempt, type Course, type Ending } from './attempt.ts'

/** A promise with its handles; named here because consumers may compile against a library that lacks the type. */
interface Deferred<T> {
  readonly promise: Promise<T>
  readonly resolve: (value: T | PromiseLike<T>) => void
  readonly reject: (reason?: unknown) => void
}

/** The connection that is being opened or used for a message. */
export interface Carrier {
  /** Ends it at once, from outside nodemailer. */
  cut(ending: Ending, text: string): void
  /** Stops listening for a late reply. */
  forget(): void
}

/** One call of `send()` (or `verify()`, without a message) with every attempt that nodemailer makes for it. */
export class Sending {
  readonly message: Message | undefined
  readonly context: TransportContext
  /** Its signal goes through nodemailer with the message, and so tells whose message it is. */
  readonly abort = new AbortController()
  /** Aborted once it is settled: what was opened for its content is closed. */
  readonly reading = new AbortController()
  readonly attempts: Attempt[] = []
  /** Those of earlier attempts. */
  readonly failures: MailError[] = []
  /** Octets of the whole message, where it is in memory. */
  size: number | undefined
  isEightBit = false
  /** What reading the content threw. */
  contentError: { cause: unknown } | undefined
  /** nodemailer's transport has it, or had. */
  isSubmitted = false
  /** It stands in the pool's queue, behind others. */
  isWaiting = false
  /** Resolved once it is known whether it waits. */
  readonly placed: Deferred<void> = Promise.withResolvers<void>()
  carrier: Carrier | undefined
  /** Why it was ended from this side. */
  ending: Ending | undefined
  /** Rejects when it was. */
  readonly ended: Deferred<never> = Promise.withResolvers<never>()
  /** Told what became of an attempt before a new one begins. */
  movedOn: ((attempt: Attempt) => void) | undefined

  constructor(message: Message | undefined, context: TransportContext) {
    this.message = message
    this.context = context
    // Nobody may wait for it.
    this.ended.promise.catch(() => {})
  }

  get attempt(): Attempt | undefined {
    return this.attempts.at(-1)
  }

  /** Somebody has it, or may have it: no further attempt is allowed. */
  get mayBeDelivered(): boolean {
    return this.attempts.some(({ exchange }) => exchange?.mayBeDelivered)
  }

  /** The attempt over a connection: the one that its opening began, or a new one. */
  attemptOn(course: Course, carrier: Carrier): Attempt {
    this.isWaiting = false
    this.carrier = carrier
    const last = this.attempt
    if (last && last.course === course && !last.exchange) return last
    if (last) this.movedOn?.(last)
    const attempt = new Attempt(course)
    this.attempts.push(attempt)
    return attempt
  }
}
