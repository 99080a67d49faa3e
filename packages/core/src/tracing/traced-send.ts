import type { DeliveryState } from '../transports/delivery-state.ts'
import type { TracedFailure } from './traced-failure.ts'
import type { TransportHealth } from '../transports/transport-health.ts'

/** The last reply of a server, without its words. */
export interface TracedReply {
  /** Such as 250. */
  readonly code: number
  /** The enhanced status code, such as `2.0.0`. */
  readonly enhanced?: string | undefined
}

/** How a send or an attempt ended. */
export interface TracedOutcome {
  /** How far the message got; `failed` if it was not sent, or not to everybody. Undefined until it ends. */
  readonly state?: DeliveryState | 'failed' | undefined
  /** Why it failed. */
  readonly error?: TracedFailure | undefined
  /** The final reply of the server, if there was one. */
  readonly reply?: TracedReply | undefined
  /** How long it took, in ms. Undefined until it ends. */
  readonly durationMs?: number | undefined
}

/** What the events of the channel `loudmail:send` are about. It is one object from `start` to `asyncEnd`. */
export interface TracedSend extends TracedOutcome {
  /** The Message-ID, with its angle brackets; undefined if the message could not be built, and until its template is rendered. */
  readonly messageId: string | undefined
  /** The name of the transport of the mailer. */
  readonly transport: string
  /** How many recipients the message has; undefined if the message could not be built, and until its template is rendered. */
  readonly recipients: number | undefined
  /** The `context` option of the send. */
  readonly context: Readonly<Record<string, unknown>> | undefined
  /** Whether it was called with `sendInBackground()`. */
  readonly inBackground: boolean
  /** The mailer, the same for all its views. */
  readonly mailer: TracedMailer
  /** When it started, on the clock of `Date.now()`. */
  readonly startedAt: number
  /** How much of `durationMs` it took until the template was rendered, in ms. Undefined without a template, and until then. */
  readonly renderMs?: number | undefined
  /** How many attempts began so far. */
  readonly attempts: number
  /** Whether the policy kept the failure from being thrown. */
  readonly silenced?: boolean | undefined
}

/** What a subscriber can ask the mailer of a send. */
export interface TracedMailer {
  /** `health()` of the mailer: how it is now, from what it knows without sending anything. */
  health(): TransportHealth
}

/** What the channel `loudmail:late-reply` publishes: the outcome of a message whose send had settled as `unknown`. */
export interface TracedLateReply extends TracedOutcome {
  /** The send. Its own outcome stays as it was. */
  readonly send: TracedSend
  /** What is known now. */
  readonly state: DeliveryState | 'failed'
}
