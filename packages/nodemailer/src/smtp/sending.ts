import type { MailError, Message, TransportContext } from '@loudmail/core'
import { Attempt } from './attempt.ts'
import type { Conversation, Ending } from './conversation.ts'
import type { Channel } from './channel.ts'

/** A promise with its handles; named here because consumers may compile against a library that lacks the type. */
interface Deferred<T> {
  readonly promise: Promise<T>
  readonly resolve: (value: T | PromiseLike<T>) => void
  readonly reject: (reason?: unknown) => void
}

/** One call of `send()` (or `verify()`, without a message) with every try that nodemailer makes for it. */
export class Sending {
  readonly message: Message | undefined
  readonly context: TransportContext
  /** Its signal goes through nodemailer with the message, and so tells whose message it is. */
  readonly abort = new AbortController()
  readonly attempts: Attempt[] = []
  /** Those of earlier tries. */
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
  /** Ends the connection that is being opened or used for it. */
  channel: Channel | undefined
  /** Why it was ended from this side. */
  ending: Ending | undefined
  /** Rejects when it was. */
  readonly ended: Deferred<never> = Promise.withResolvers<never>()
  /** Told what became of a try before a new one begins. */
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

  /** It may have been delivered: no further try is allowed. */
  get isDelivered(): boolean {
    return this.attempts.some((attempt) => attempt.isComplete && attempt.mayBeDelivered)
  }

  /** The try over a connection: the one its opening began, or a new one. */
  attemptOn(conversation: Conversation, channel: Channel): Attempt {
    this.isWaiting = false
    this.channel = channel
    const last = this.attempt
    if (last && last.conversation === conversation && !last.begun) return last
    if (last) this.movedOn?.(last)
    const attempt = new Attempt(conversation)
    this.attempts.push(attempt)
    return attempt
  }
}
