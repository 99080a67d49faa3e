import type { Stage } from '@loudmail/core'
import { Exchange, type Answer } from '@loudmail/core/transport'

/** A reply, with the lines of the conversation that it and its command are in. */
export interface Answered {
  readonly stage: Stage
  readonly answer: Answer
  readonly replyAt: readonly number[]
  readonly commandAt: number | undefined
}

/** Stands for recipients that a log does not come to. */
export const NOBODY = 'a recipient that the log does not name'

/** One message of a conversation. */
export class Transaction {
  readonly startsAt: number
  readonly to: string[] = []
  readonly answered: Answered[] = []
  exchange: Exchange
  /** The client gave it up with RSET or QUIT. */
  isGivenUp = false
  /** The line with the end of the content. */
  contentAt: number | undefined
  readonly #stream = { written: 0 }
  readonly #message: Exchange['message']

  constructor(line: string, startsAt: number, protocol: 'smtp' | 'lmtp') {
    this.startsAt = startsAt
    const envelope = { from: pathOf(line), to: this.to, smtputf8: false }
    this.#message = { envelope, messageId: '', replayable: true }
    this.exchange = new Exchange(this.#message, protocol, this.#stream)
  }

  /** Adds a recipient, and gives its position. */
  addRecipient(line: string): number {
    return this.to.push(pathOf(line)) - 1
  }

  /** The content goes out in chunks (RFC 3030), without DATA. */
  useChunks(): void {
    if (!this.exchange.asksData) return
    const { mail, rcpt, protocol } = this.exchange
    this.exchange = new Exchange(this.#message, protocol, this.#stream, false)
    this.exchange.mail = mail
    this.exchange.rcpt.push(...rcpt)
  }

  /** The end of the content was sent. @param at the line that shows it */
  endContent(at: number): void {
    this.contentAt = at
    this.exchange.endAt(1)
    this.#stream.written = 1
  }

  /** Every recipient has an answer, or the message was refused as a whole. */
  get isSettled(): boolean {
    const { progress, mail, rcpt, data } = this.exchange
    if (progress === 'answered') return this.to.length > 0 || (mail !== undefined && mail.code >= 400)
    if ((mail && mail.code >= 400) || (data && data.code >= 400)) return true
    return this.to.length > 0 && this.to.every((_, index) => (rcpt[index]?.code ?? 0) >= 400)
  }
}

/** The address in MAIL or RCPT. */
function pathOf(line: string): string {
  return (/:\s*<(.*?)>(?: |$)/.exec(line) ?? /:\s*(\S+)/.exec(line))?.[1] ?? ''
}
