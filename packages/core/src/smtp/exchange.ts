import type { Reply } from '../failure/recipient-outcome.ts'
import type { Kind, Stage } from '../failure/vocabulary.ts'
import type { Message } from '../message/message.ts'
import { isNegative, isPositive, type Answer } from './answer.ts'

/**
 * The progress of a message on one connection, in this order. `asked`: the server accepted nothing yet. `agreed`: it
 * accepted the sender or a recipient. `buffered`: the end of the content is in the buffer, and not yet given to the
 * socket. `written`: the last octet was given to the socket, so the server may have the message. `answered`: every
 * final reply was read.
 */
export type Progress = 'asked' | 'agreed' | 'buffered' | 'written' | 'answered'

/** The outgoing octets of a connection. */
export interface OutgoingStream {
  /** How many were given to the socket so far. */
  readonly written: number
}

/** Bytes from the server that are not a reply, or a reply that is not valid at this point. */
export interface Breach {
  /** The step at which the server broke the protocol. */
  readonly stage: Stage
  /** What it did. */
  readonly text: string
  /** What that means. @default 'protocol' */
  readonly kind?: Kind | undefined
  /** The reply that should not have come. */
  readonly reply?: Reply | undefined
}

/**
 * One message on one connection: its commands and their replies. They alone decide the outcome of each recipient,
 * whether the message may move to another connection and whether its outcome is unknown.
 */
export class Exchange {
  /** The message that this exchange is about. */
  readonly message: Pick<Message, 'envelope' | 'messageId' | 'replayable'>
  /** LMTP has a final reply for each recipient. */
  readonly protocol: 'smtp' | 'lmtp'
  /** False if the content goes out in BDAT chunks (RFC 3030), without DATA. */
  readonly asksData: boolean
  readonly #stream: OutgoingStream
  /** The answer to MAIL. */
  mail: Answer | undefined
  /** By position in the envelope. */
  readonly rcpt: (Answer | undefined)[] = []
  /** The answer to DATA. */
  data: Answer | undefined
  /** By position in the envelope. SMTP gives all recipients one answer, LMTP gives each its own. */
  readonly final: (Answer | undefined)[] = []
  /** How the server broke the protocol, if it did. */
  breach: Breach | undefined
  /** The server's replies do not match the commands, so none of them can be trusted. */
  lostCount = false
  #refusal: Answer | undefined
  #end = Infinity

  constructor(
    message: Exchange['message'],
    protocol: 'smtp' | 'lmtp',
    stream: OutgoingStream,
    asksData = true,
  ) {
    this.message = message
    this.protocol = protocol
    this.#stream = stream
    this.asksData = asksData
  }

  /** Sets where the message ends in the stream, in octets, once its final dot or its last chunk is in the buffer. */
  endAt(octets: number): void {
    this.#end = octets
  }

  /** Stores the answer to the content; `index` is the position of the recipient (LMTP). */
  answerContent(answer: Answer, index: number): void {
    if (this.protocol === 'lmtp') this.final[index] = answer
    else this.answerForAll(answer)
  }

  /** Stores one answer to the content for all accepted recipients. */
  answerForAll(answer: Answer): void {
    for (let position = 0; position < this.rcpt.length; position++)
      if (isPositive(this.rcpt[position])) this.final[position] = answer
  }

  /** The last octet of the content was given to the socket. */
  get isWritten(): boolean {
    return this.#stream.written >= this.#end
  }

  /** How far the content got. */
  get progress(): Progress {
    if (this.isWritten) return this.#isAnswered ? 'answered' : 'written'
    if (this.#end < Infinity) return 'buffered'
    return isPositive(this.mail) || this.rcpt.some(isPositive) ? 'agreed' : 'asked'
  }

  /** The server may have the whole message, and its outcome is unknown. */
  get isInDoubt(): boolean {
    return this.progress === 'written'
  }

  /** A recipient has it, or may have it: another attempt could deliver it twice. */
  get mayBeDelivered(): boolean {
    return this.isInDoubt || this.final.some(isPositive)
  }

  /**
   * The server accepted nothing, refused nothing and cannot have the whole message: the message may move to another
   * connection. A 421 refuses the connection, not the message.
   */
  get isUntouched(): boolean {
    if ((this.mail && this.mail.code !== 421) || this.rcpt.some(isPositive)) return false
    return !this.isWritten
  }

  /** How many recipients the server accepted so far. */
  get accepted(): number {
    let count = 0
    for (const answer of this.rcpt) if (isPositive(answer)) count++
    return count
  }

  /** The first refusal of a command. It is searched for once, because a message may have thousands of recipients. */
  get refusal(): Answer | undefined {
    this.#refusal ??=
      [this.mail].find(isNegative) ?? this.rcpt.find(isNegative) ?? [this.data].find(isNegative)
    return this.#refusal
  }

  /** The stage of the oldest command without an answer. */
  get stage(): Stage {
    if (!this.mail) return 'mail-from'
    for (let index = 0; index < this.message.envelope.to.length; index++)
      if (!this.rcpt[index]) return 'rcpt-to'
    return this.asksData && !this.data ? 'data' : 'body'
  }

  get #isAnswered(): boolean {
    // A message that was refused before the content needs no answer to the content.
    if (isNegative(this.mail) || isNegative(this.data)) return true
    for (let index = 0; index < this.message.envelope.to.length; index++)
      if (!isNegative(this.rcpt[index]) && !this.final[index]) return false
    return true
  }
}
