import type { Kind, Stage, Transcript, TranscriptEntry } from '@loudmail/core'
import {
  Exchange,
  redactEntries,
  type Capabilities,
  type OutgoingStream,
  type RefusedStep,
  type Secrets,
  type Situation,
  timedTranscript,
} from '@loudmail/core/transport'

/** A failure that this side found: a failed check, or a server that broke the protocol. */
export interface Verdict {
  readonly stage: Stage
  readonly kind: Kind
  readonly summary?: string | undefined
}

/** How a connection ended without a reply. */
export interface Ending {
  readonly kind: Kind
  /** Set if the ending itself gives the stage; else it is the stage of the oldest unanswered command. */
  readonly stage?: Stage | undefined
  readonly summary?: string | undefined
  readonly hint?: string | undefined
  readonly cause?: unknown
}

/** What the attempts need to know about their connection. */
export interface Course {
  readonly protocol: 'smtp' | 'lmtp'
  /** Greeting, EHLO and log-in. */
  readonly preamble: readonly TranscriptEntry[]
  readonly secrets: Secrets
  /** When the connection was started, on the clock of `performance.now()`. */
  readonly startedAt: number
  /** The current step. */
  readonly stage: Stage
  readonly verdict: Verdict | undefined
  /** The server refused the mechanism of the log-in, and offers another one that can be used. */
  readonly hasOtherMechanism: boolean
  /** The refusal of the greeting, EHLO, STARTTLS or AUTH that nothing recovered from. */
  readonly refusal: RefusedStep | undefined
  readonly ending: Ending | undefined
  /** What the server offers. */
  readonly capabilities: Capabilities
  /** What hints take into account. */
  readonly situation: Situation
}

/** One attempt to send one message over one connection. */
export class Attempt {
  readonly course: Course
  readonly entries: TranscriptEntry[] = []
  /** What was asked and answered; undefined until MAIL. */
  exchange: Exchange | undefined
  /** Why MAIL was not sent. */
  refused: Verdict | undefined
  /** Called when the last reply to the content arrives. */
  concluded: (() => void) | undefined

  constructor(course: Course) {
    this.course = course
  }

  /** MAIL is about to be written. */
  begin(message: Exchange['message'], stream: OutgoingStream): void {
    this.exchange = new Exchange(message, this.course.protocol, stream)
  }

  /** The server may have the whole message, and its outcome is unknown. */
  get isInDoubt(): boolean {
    return this.exchange?.isInDoubt ?? false
  }

  get transcript(): Transcript {
    const { preamble, secrets, startedAt } = this.course
    const entries = [...preamble, ...this.entries].toSorted((a, b) => a.sequence - b.sequence)
    return timedTranscript({ entries: redactEntries(entries, secrets.redact) }, startedAt)
  }
}
