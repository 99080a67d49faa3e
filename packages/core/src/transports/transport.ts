import type { MailError } from '../failure/mail-error.ts'
import type { Message } from '../message/message.ts'
import type { Transcript } from '../failure/transcript.ts'

/** A way for messages to leave: the one interface everything else is built on. */
export interface Transport {
  /** The expression that made it, without secrets: `failover(smtp(a.example:587), smtp(b.example:587))`. */
  readonly name: string
  /** Delivers to every recipient of the envelope, or throws a {@link MailError}. */
  send(message: Message, context?: TransportContext): Promise<Delivery>
  /** Connects, and logs in where it would, without sending anything; throws a {@link MailError}. */
  verify?(context?: TransportContext): Promise<void>
  /** Lets what is in flight finish, then closes. Calling it again does nothing. */
  close?(): Promise<void>
}

/** What flows down through wrappers with every send. */
export interface TransportContext {
  /** Ends the send. Its reason is a `TimeoutError` where the deadline passed. */
  readonly signal?: AbortSignal | undefined
  /** Where transports leave the conversation of every try, at any depth; without it only failures carry one. */
  readonly trace?: Trace | undefined
  /** Told of a try that failed and that somebody goes on from, at once. */
  readonly failed?: ((error: MailError) => void) | undefined
  /** Told what became of a message after its send had settled as `unknown`. */
  readonly late?: ((outcome: Delivery | MailError) => void) | undefined
}

/** Collects conversations. */
export interface Trace {
  add(transcript: Transcript): void
}

/** How far a delivered message has come: `queued` is on disk here, `captured` and `discarded` never leave. */
export type DeliveryState = 'sent' | 'queued' | 'captured' | 'discarded'

/** What a transport returns once every recipient was taken. */
export interface Delivery {
  /** The name of the transport that delivered. */
  readonly transport: string
  readonly state: DeliveryState
  /** The server's final reply: `250 2.0.0 Ok: queued as ABC123`. */
  readonly response?: string | undefined
  /** Tries that failed before one succeeded. */
  readonly failures: readonly MailError[]
  readonly transcript?: Transcript | undefined
}
