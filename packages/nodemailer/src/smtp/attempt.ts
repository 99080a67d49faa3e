import type { Kind, Reply, Stage, Transcript, TranscriptEntry } from '@loudmail/core'
import type { Conversation } from './conversation.ts'

/** Something decided here and not by a reply: a check that failed, or a server that broke the protocol. */
export interface Verdict {
  readonly stage: Stage
  readonly kind: Kind
  readonly summary?: string | undefined
}

/** One try to send one message over one connection: what was asked, and what the server said to it. */
export class Attempt {
  readonly conversation: Conversation
  readonly entries: TranscriptEntry[] = []
  /** MAIL was handed to the connection, or would have been. */
  begun = false
  /** Why the message was not even asked for. */
  refused: Verdict | undefined
  mail: Reply | undefined
  readonly recipients = new Map<string, Reply>()
  data: Reply | undefined
  /** The reply to the content; one for each recipient over LMTP. */
  readonly final = new Map<string, Reply>()
  /** The end of the content was handed to the socket. */
  isComplete = false
  /** Told once the last reply to the content came. */
  concluded: (() => void) | undefined

  constructor(conversation: Conversation) {
    this.conversation = conversation
  }

  /** The recipients that RCPT was answered positively for. */
  get accepted(): string[] {
    return [...this.recipients].filter(([, reply]) => reply.code < 300).map(([address]) => address)
  }

  /** The server has the whole message, and has not said what became of it. */
  get isInDoubt(): boolean {
    return this.isComplete && this.accepted.some((address) => !this.final.has(address))
  }

  /** Some recipient has it, or may have. */
  get mayBeDelivered(): boolean {
    return this.isInDoubt || [...this.final.values()].some((reply) => reply.code < 300)
  }

  /** Greeting, EHLO and log-in of the connection, then this message. */
  get transcript(): Transcript {
    return { entries: [...this.conversation.preamble, ...this.entries] }
  }
}
