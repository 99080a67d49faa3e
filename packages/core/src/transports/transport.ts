import type { MailError } from '../failure/mail-error.ts'
import type { WrittenMessage } from '../message/written-message.ts'
import type { Envelope, Message } from '../message/message.ts'
import type { DeliveryState } from './delivery-state.ts'
import type { Server } from './server.ts'
import type { TracedSend } from '../tracing/traced-send.ts'
import type { TransportHealth } from './transport-health.ts'
import type { Transcript } from '../failure/transcript.ts'

export type { DeliveryState } from './delivery-state.ts'

/** A way to send messages. Everything else is built on this interface. */
export interface Transport {
  /** The expression that created it, without secrets: `failover(smtp(a.example:587), smtp(b.example:587))`. */
  readonly name: string
  /**
   * Delivers to every recipient of the envelope, or throws a {@link MailError}. `Mailer` and all wrappers pass a context;
   * who calls a transport directly may leave it out, so read it with `context?.signal`. A wrapper passes it on, whole:
   * `inner.send(message, { ...context, signal })`.
   */
  send(message: Message, context?: TransportContext): Promise<Delivery>
  /**
   * Connects, and logs in if it has credentials, without sending anything. With an `envelope` in the context, it also asks
   * the server whether it accepts this sender and each of these recipients. Throws a {@link MailError}.
   */
  verify?(context?: VerifyContext): Promise<void>
  /** `verify` asks for the envelope of its context; otherwise `mailer.verify({ to })` refuses to try. @default false */
  readonly verifiesEnvelope?: boolean | undefined
  /** How it is now, from what it knows already: it must not connect to anything. */
  health?(): TransportHealth
  /**
   * Of two messages with the same `idempotencyKey`, whoever it sends to delivers only one. Then `retry()` may try a message
   * again whose outcome is unknown. @default false
   */
  readonly honoursIdempotencyKey?: boolean | undefined
  /** How long it remembers a key that it honours, in ms: later, the same key would be sent again. @default Infinity */
  readonly idempotencyKeyMs?: number | undefined
  /**
   * It calls `beforeTransmission` of the context at the last moment. Otherwise, who needs to know calls it before `send`.
   * @default false
   */
  readonly announcesTransmission?: boolean | undefined
  /** Where it sends to, for those who watch its attempts. */
  readonly server?: Server | undefined
  /**
   * For transports that keep mails: called with a message that could not be built, which is never given to `send`. The
   * send has failed with `error`; whatever this method does, the result stays the same.
   */
  notBuilt?(written: WrittenMessage, error: MailError, context?: TransportContext): Promise<void>
  /** Waits for sends in progress, then closes. Calling it again does nothing. */
  close?(): Promise<void>
}

/** What every send passes down through the wrappers. */
export interface TransportContext {
  /** Ends the send. Its reason is a `TimeoutError` if the deadline passed. */
  readonly signal?: AbortSignal | undefined
  /** When the deadline passes, on the clock of `performance.now()`. `signal` ends the send then; this says when nothing is left to wait for. */
  readonly deadlineAt?: number | undefined
  /** Transports add the conversation of every attempt here, at any depth. Without it, only failures have a transcript. */
  readonly trace?: Trace | undefined
  /** Called as soon as an attempt has failed, if another attempt follows. */
  readonly failed?: ((error: MailError) => void) | undefined
  /** Called with the outcome of a message if it becomes known after the send settled as `unknown`. */
  readonly late?: ((outcome: Delivery | MailError) => void) | undefined
  /**
   * Called before the first octet is written with which the message could be delivered, and awaited. If it rejects, nothing
   * is transmitted, and the send fails with what it rejected with. Every attempt may call it.
   */
  readonly beforeTransmission?: (() => Promise<void>) | undefined
  /** The send as the tracing channels show it, while somebody subscribes to them: its attempts belong to it. */
  readonly tracing?: TracedSend | undefined
}

/** What a check passes down through the wrappers. */
export interface VerifyContext extends TransportContext {
  /** Also ask whether the server accepts this sender and these recipients, up to RCPT. */
  readonly envelope?: Envelope | undefined
}

/** Collects conversations. */
export interface Trace {
  /** Called with each conversation. */
  add(transcript: Transcript): void
}

/** What a transport returns when every recipient was accepted. */
export interface Delivery {
  /** The name of the transport that delivered the message. */
  readonly transport: string
  /** How far the message got. */
  readonly state: DeliveryState
  /** The server's final reply: `250 2.0.0 Ok: queued as ABC123`. */
  readonly response?: string | undefined
  /** The id that a provider gave the message, as its webhooks name it. */
  readonly providerId?: string | undefined
  /** The attempts that failed before one succeeded. */
  readonly failures: readonly MailError[]
  /** The conversation with the server, if it is recorded. */
  readonly transcript?: Transcript | undefined
  /** The Message-ID that was sent, if it is that of another message with the same key. @default that of the message */
  readonly messageId?: string | undefined
}
