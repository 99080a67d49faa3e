import type { Kind, Stage, Transcript, TranscriptEntry } from '@loudmail/core'
import { Exchange, type Answer, type OutgoingStream } from '@loudmail/core/transport'

/** Something decided on this side and not by a reply: a check that failed, or a server that broke the protocol. */
export interface Verdict {
  readonly stage: Stage
  readonly kind: Kind
  readonly summary?: string | undefined
}

/** How a connection ended without a word of the server. */
export interface Ending {
  readonly kind: Kind
  /** Where the ending itself says so; otherwise it is the stage of the oldest unanswered command. */
  readonly stage?: Stage | undefined
  readonly cause?: unknown
}

/** What of a connection matters to the attempts over it. */
export interface Course {
  readonly protocol: 'smtp' | 'lmtp'
  /** Greeting, EHLO and log-in. */
  readonly preamble: readonly TranscriptEntry[]
  /** The step that is under way. */
  readonly stage: Stage
  readonly verdict: Verdict | undefined
  /** The refusal of the greeting, EHLO, STARTTLS or AUTH that nothing recovered from. */
  readonly refusal: { readonly stage: Stage; readonly answer: Answer } | undefined
  readonly ending: Ending | undefined
}

/** One attempt to send one message over one connection. */
export class Attempt {
  readonly course: Course
  readonly entries: TranscriptEntry[] = []
  /** What was asked and answered; undefined until MAIL. */
  exchange: Exchange | undefined
  /** Why the message was not even asked for. */
  refused: Verdict | undefined
  /** Told once the last reply to the content came. */
  concluded: (() => void) | undefined

  constructor(course: Course) {
    this.course = course
  }

  /** MAIL is about to be written. */
  begin(message: Exchange['message'], stream: OutgoingStream): void {
    this.exchange = new Exchange(message, this.course.protocol, stream)
  }

  /** The server may have the whole message, and has not said what became of it. */
  get isInDoubt(): boolean {
    return this.exchange?.isInDoubt ?? false
  }

  get transcript(): Transcript {
    return { entries: [...this.course.preamble, ...this.entries] }
  }
}
