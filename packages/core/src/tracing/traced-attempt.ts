import type { Stage } from '../failure/vocabulary.ts'
import type { TracedOutcome, TracedReply, TracedSend } from './traced-send.ts'
import type { Server } from '../transports/server.ts'

/** A step of an attempt, from its first command to its last reply. */
export interface TracedStage {
  /** The step. */
  readonly stage: Stage
  /** When it began, in ms since the attempt started. */
  readonly atMs: number
  /** How long it took, in ms. Steps that are pipelined overlap. */
  readonly durationMs: number
  /** The last reply; undefined if none came. */
  readonly reply?: TracedReply | undefined
}

/** What the events of the channel `loudmail:attempt` are about. It is one object from `start` to `asyncEnd`. */
export interface TracedAttempt extends TracedOutcome {
  /** The send that it belongs to; undefined if a wrapper was called without a mailer. */
  readonly send: TracedSend | undefined
  /** Its number within the send, from 1. */
  readonly number: number
  /** The name of the transport that sends. */
  readonly transport: string
  /** Where it sends to, if the transport tells. */
  readonly server: Server | undefined
  /** How many recipients it is for. */
  readonly recipients: number
  /** When it started, on the clock of `Date.now()`. */
  readonly startedAt: number
  /** The steps that a conversation shows, in their order. Empty until it ends, and for transports without a conversation. */
  readonly stages: readonly TracedStage[]
}
