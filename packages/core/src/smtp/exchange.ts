import type { Reply } from '../failure/recipient-outcome.ts'
import type { Kind, Stage } from '../failure/vocabulary.ts'
import type { Message } from '../message/message.ts'
import { isNegative, isPositive, type Answer } from './answer.ts'

/**
 * How far a message got on one connection, in this order. `asked`: the server agreed to nothing yet. `agreed`: it
 * accepted the sender or a recipient. `buffered`: the end of the content is put together, and not yet given to the
 * socket. `written`: the last octet was given to the socket, so the server may have the message. `answered`: every
 * final reply came.
 */
export type Progress = 'asked' | 'agreed' | 'buffered' | 'written' | 'answered'

/** What goes out on a connection, counted in octets. */
export interface OutgoingStream {
  /** How many were given to the socket so far. */
  readonly written: number
}

/** Something the server sent that is no reply, or a reply that has no place there. */
export interface Breach {
  readonly stage: Stage
  readonly text: string
  readonly kind?: Kind | undefined
  readonly reply?: Reply | undefined
}

/**
 * One message on one connection: what was asked and what was answered. What became of each recipient, whether the
 * message may move to another connection and whether its outcome is unknown follow from this and from nothing else.
 */
export class Exchange {
  readonly message: Pick<Message, 'envelope' | 'messageId' | 'replayable'>
  readonly protocol: 'smtp' | 'lmtp'
  /** False where the content goes in BDAT chunks (RFC 3030), which DATA does not precede. */
  readonly asksData: boolean
  readonly #stream: OutgoingStream
  mail: Answer | undefined
  /** By position in the envelope. */
  readonly rcpt: (Answer | undefined)[] = []
  data: Answer | undefined
  /** By position in the envelope. SMTP gives all recipients one answer, LMTP gives each its own. */
  readonly final: (Answer | undefined)[] = []
  breach: Breach | undefined
  /** The server's replies do not fit what was asked, so none of them can be relied on. */
  lostCount = false
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

  /** Where the message ends in the stream, in octets: known once its final dot, or its last chunk, is put together. */
  endAt(octets: number): void {
    this.#end = octets
  }

  /** Notes the answer to the content; `index` says for which recipient (LMTP). */
  answerContent(answer: Answer, index: number): void {
    if (this.protocol === 'lmtp') this.final[index] = answer
    else this.answerForAll(answer)
  }

  /** One answer to the content for everybody whom the server had accepted. */
  answerForAll(answer: Answer): void {
    for (let position = 0; position < this.rcpt.length; position++)
      if (isPositive(this.rcpt[position])) this.final[position] = answer
  }

  /** The last octet of the content was given to the socket. */
  get isWritten(): boolean {
    return this.#stream.written >= this.#end
  }

  get progress(): Progress {
    if (this.isWritten) return this.#isAnswered ? 'answered' : 'written'
    if (this.#end < Infinity) return 'buffered'
    return isPositive(this.mail) || this.rcpt.some(isPositive) ? 'agreed' : 'asked'
  }

  /** The server may have the whole message, and has not said what became of it. */
  get isInDoubt(): boolean {
    return this.progress === 'written'
  }

  /** Somebody has it, or may have it: another attempt could deliver it twice. */
  get mayBeDelivered(): boolean {
    return this.isInDoubt || this.final.some(isPositive)
  }

  /**
   * The server agreed to nothing, refused nothing and got nothing of the content: on another connection it would be the
   * first attempt. A 421 refuses the connection, not the message.
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

  /** The stage of the oldest command without an answer. */
  get stage(): Stage {
    if (!this.mail) return 'mail-from'
    for (let index = 0; index < this.message.envelope.to.length; index++)
      if (!this.rcpt[index]) return 'rcpt-to'
    return this.asksData && !this.data ? 'data' : 'body'
  }

  get #isAnswered(): boolean {
    // What was refused before the content needs no answer to it.
    if (isNegative(this.mail) || isNegative(this.data)) return true
    for (let index = 0; index < this.message.envelope.to.length; index++)
      if (!isNegative(this.rcpt[index]) && !this.final[index]) return false
    return true
  }
}
