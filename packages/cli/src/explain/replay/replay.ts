import { ReplyReader, stageOfCommand, type NotAReply, type ReplyLines } from '@loudmail/core/transport'
import type { Line } from '../formats/line.ts'
import { ConnectionState } from './connection-state.ts'
import { endingIn } from './ending-in.ts'
import { takeReply } from './take-reply.ts'
import { Transaction } from './transaction.ts'

/** Follows the lines of one connection: which command each reply answers, and what was left without an answer. */
export class Replay extends ConnectionState {
  readonly #reader = new ReplyReader()
  #replyAt: number[] = []
  #hasBegun = false
  #logIn = 'AUTH'
  #lastAt = 0

  /** @param at the position of the line in the conversation */
  add({ from, text }: Line, at: number): void {
    this.#lastAt = at
    if (from === 'event') return this.#event(text, at)
    this.#begin(from)
    if (from === 'client') return this.#client(text, at)
    this.#replyAt.push(at)
    this.#reader.feed(Buffer.from(`${text}\n`), this.#take)
  }

  /** The log ends. */
  end(): void {
    this.#reader.end(this.#take)
  }

  /** The server said something, or a command was sent. */
  get hasBegun(): boolean {
    return this.#hasBegun
  }

  /** The last line that the connection has. */
  get lastAt(): number {
    return this.#lastAt
  }

  /** A log that begins with a command leaves the greeting out. */
  #begin(from: Line['from']): void {
    if (this.#hasBegun) return
    this.#hasBegun = true
    if (from === 'server')
      this.expected.push({ stage: 'greeting', verb: '', command: 'connection', commandAt: undefined })
    else this.progress = 'greeting'
  }

  #event(text: string, at: number): void {
    const step = this.surroundings.event(text)
    if (step && !this.#hasBegun) this.progress = step
    const ending = this.ending ? undefined : endingIn(text)
    if (!ending) return
    this.ending = ending
    this.endsAt = at
  }

  #client(text: string, at: number): void {
    const verb = this.isChallenged ? 'AUTH' : (/^[A-Za-z]+/.exec(text)?.[0].toUpperCase() ?? text)
    const current = this.current
    if (text === '.') return current?.endContent(at)
    if (text.startsWith('<') && !this.isChallenged) return
    if (verb === 'MAIL') {
      if (this.refusal && this.refusal.stage !== 'auth' && this.refusal.stage !== 'greeting')
        this.refusal = undefined
      this.transactions.push(new Transaction(text, at, this.surroundings.protocol))
    }
    if (verb === 'QUIT') this.hasLeft = true
    if ((verb === 'RSET' || verb === 'QUIT') && current && !current.isSettled && this.expected.length === 0)
      current.isGivenUp = true
    if (verb === 'AUTH') this.#logIn = /^AUTH +\S+/i.exec(text)?.[0] ?? this.#logIn
    this.surroundings.command(verb, text)
    const isLast = verb === 'BDAT' && /\bLAST\b/i.test(text)
    if (verb === 'BDAT') current?.useChunks()
    if (isLast) current?.endContent(at)
    this.expected.push({
      stage: stageOfCommand(verb) ?? this.progress,
      verb: isLast ? 'content' : verb,
      command: verb === 'AUTH' ? this.#logIn : text,
      commandAt: at,
      transaction: this.current,
      index: verb === 'RCPT' ? (this.current?.addRecipient(text) ?? -1) : 0,
    })
  }

  readonly #take = (reply: ReplyLines | NotAReply): void => {
    const replyAt = this.#replyAt
    this.#replyAt = []
    takeReply(this, reply, replyAt)
  }
}
