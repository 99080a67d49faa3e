import type { MailError, Message, TransportContext } from '@loudmail/core'
import { Attempt, type Course, type Ending } from './attempt.ts'
import type { ContentFailure } from '../local-failure.ts'

/** A promise with `resolve` and `reject`; defined here because consumers may compile without that library type. */
interface Deferred<T> {
  readonly promise: Promise<T>
  readonly resolve: (value: T | PromiseLike<T>) => void
  readonly reject: (reason?: unknown) => void
}

/** The connection that is being opened or used for a message. */
export interface Carrier {
  /** Ends the connection at once, without nodemailer. */
  cut(ending: Ending, text: string): void
  /** Stops listening for a late reply. */
  forget(): void
}

/** One call of `send()` (or `verify()`, without a message) with every attempt that nodemailer makes for it. */
export class Sending {
  readonly message: Message | undefined
  readonly context: TransportContext
  /** Its signal passes through nodemailer with the message and so identifies the message. */
  readonly abort = new AbortController()
  /** Aborted once the message is settled: the streams of its content are closed. */
  readonly reading = new AbortController()
  readonly attempts: Attempt[] = []
  /** The failures of earlier attempts. */
  readonly failures: MailError[]
  /** The size of the whole message in octets, if it is in memory. */
  size: number | undefined
  isEightBit = false
  /** The error from reading the content. */
  contentError: ContentFailure | undefined
  /** Whether nodemailer's transport got it. */
  isSubmitted = false
  /** It waits in the pool's queue, behind others. */
  isWaiting = false
  /** Resolved once it is known whether it waits. */
  readonly placed: Deferred<void> = Promise.withResolvers<void>()
  carrier: Carrier | undefined
  /** Why this side ended it. */
  ending: Ending | undefined
  /** Rejects when this side ended it. */
  readonly ended: Deferred<never> = Promise.withResolvers<never>()
  /** Called with the outcome of an attempt before a new one begins. */
  movedOn: ((attempt: Attempt) => void) | undefined

  constructor(message: Message | undefined, context: TransportContext, failures: readonly MailError[] = []) {
    this.message = message
    this.context = context
    this.failures = [...failures]
    // There may be nobody who waits for it.
    this.ended.promise.catch(() => {})
  }

  get attempt(): Attempt | undefined {
    return this.attempts.at(-1)
  }

  /** A recipient has it, or may have it: no further attempt is allowed. */
  get mayBeDelivered(): boolean {
    return this.attempts.some(({ exchange }) => exchange?.mayBeDelivered)
  }

  /** The attempt on a connection: the one that began when it was opened, or a new one. */
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
