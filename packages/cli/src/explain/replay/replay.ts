import type { Stage } from '@loudmail/core'
import {
  Answer,
  isNegative,
  isPositive,
  isFarewell,
  ReplyReader,
  tokenProblem,
  type Breach,
  type NotAReply,
  type RefusedStep,
  type ReplyLines,
} from '@loudmail/core/transport'
import type { Line } from '../formats/line.ts'
import { endingIn, type Ending } from './ending-in.ts'
import { Surroundings } from './surroundings.ts'
import { Transaction, type Answered } from './transaction.ts'

/** A reply that the client waits for. */
interface Expected {
  readonly stage: Stage
  readonly verb: string
  readonly command: string
  readonly commandAt: number | undefined
  readonly transaction?: Transaction | undefined
  /** Which recipient, by position; -1 if nobody is to receive the content. */
  readonly index?: number
}

const STAGE_OF: Readonly<Record<string, Stage>> = {
  EHLO: 'ehlo',
  HELO: 'ehlo',
  LHLO: 'ehlo',
  STARTTLS: 'tls',
  AUTH: 'auth',
  MAIL: 'mail-from',
  RCPT: 'rcpt-to',
  DATA: 'data',
  BDAT: 'body',
}
const ALREADY_IN = /already (?:been )?(?:auth|logged)/i

/** Follows the lines of one connection: which command each reply answers, and what was left without an answer. */
export class Replay {
  readonly transactions: Transaction[] = []
  readonly surroundings = new Surroundings()
  /** The refusal of a step before MAIL that nothing recovered from. */
  refusal: (RefusedStep & Answered) | undefined
  /** Something that is not a reply, or not one to this command; before MAIL. */
  breach: Breach | undefined
  ending: Ending | undefined
  /** What the server said when it closed the connection by itself. */
  closing: Answer | undefined
  /** The last step that was answered. */
  progress: Stage = 'connect'
  /** The client left with QUIT. */
  hasLeft = false
  /** What the server said about an access token before it refused it. */
  problem: string | undefined
  endsAt: number | undefined
  readonly expected: Expected[] = []
  readonly #reader = new ReplyReader()
  #replyAt: number[] = []
  #hasBegun = false
  #isChallenged = false
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

  /** The message that the client speaks of. */
  get #current(): Transaction | undefined {
    const last = this.transactions.at(-1)
    return last?.isGivenUp ? undefined : last
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
    const verb = this.#isChallenged ? 'AUTH' : (/^[A-Za-z]+/.exec(text)?.[0].toUpperCase() ?? text)
    const current = this.#current
    if (text === '.') return current?.endContent(at)
    if (text.startsWith('<') && !this.#isChallenged) return
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
      stage: STAGE_OF[verb] ?? this.progress,
      verb: isLast ? 'content' : verb,
      command: verb === 'AUTH' ? this.#logIn : text,
      commandAt: at,
      transaction: this.#current,
      index: verb === 'RCPT' ? (this.#current?.addRecipient(text) ?? -1) : 0,
    })
  }

  readonly #take = (reply: ReplyLines | NotAReply): void => {
    const replyAt = this.#replyAt
    this.#replyAt = []
    const expected = this.expected.shift()
    if (reply.code === undefined) return this.#broken(expected, reply.lines[0]!)
    const command = expected?.verb === 'content' ? 'end of data' : (expected?.command ?? 'connection')
    const answer = new Answer(reply, this.surroundings.protocol, command)
    if (!expected) return this.#unasked(answer, replyAt)
    const answered = { stage: expected.stage, answer, replyAt, commandAt: lineOf(expected) }
    this.progress = expected.stage
    expected.transaction?.answered.push(answered)
    this.#note(expected, answered, reply.lines)
  }

  /** Bytes that are not a reply: nothing after them can be trusted. */
  #broken(expected: Expected | undefined, line: string): void {
    const stage = expected?.stage ?? this.progress
    const breach: Breach = {
      stage,
      kind: stage === 'greeting' ? 'not-smtp' : 'protocol',
      text: `the server's answer is not an SMTP reply: ${line}`,
    }
    this.#breaks(expected?.transaction, breach)
  }

  #breaks(transaction: Transaction | undefined, breach: Breach): void {
    if (transaction) transaction.exchange.breach ??= breach
    else this.breach ??= breach
  }

  /** Only the announcement that the server closes the connection may come without a command. */
  #unasked(answer: Answer, replyAt: readonly number[]): void {
    if (answer.code < 400 && !isFarewell(answer.code)) {
      // RFC 3207 section 6: what follows the answer to STARTTLS unencrypted is not from the server.
      const isInjected = this.progress === 'tls' && !this.surroundings.encrypted
      const text = 'the server sent data before it was asked'
      if (isInjected) this.breach ??= { stage: 'tls', kind: 'response-injection', text }
      return
    }
    this.closing = answer
    const current = this.#current
    const answered = { stage: this.progress, answer, replyAt, commandAt: undefined }
    if (current && !current.isSettled) current.answered.push(answered)
    else if (!current) this.refusal ??= answered
  }

  #note(expected: Expected, answered: Answered, lines: readonly string[]): void {
    const { verb, transaction, index = 0 } = expected
    const { answer } = answered
    const { code } = answer
    const exchange = transaction?.exchange
    switch (verb) {
      case '':
        this.surroundings.greeting = lines[0]
        return this.#refuse(code !== 220, answered)
      case 'EHLO':
      case 'LHLO':
      case 'HELO':
        if (verb !== 'HELO') this.surroundings.hello = lines
        return this.#refuse(code !== 250, answered)
      case 'STARTTLS':
        return this.#refuse(code !== 220, answered)
      case 'AUTH':
        this.#isChallenged = code === 334
        if (this.#isChallenged) this.problem ??= tokenProblem(lines[0]!)
        if (code === 235) this.problem = undefined
        return this.#refuse(
          code !== 235 && code !== 334 && !(code === 503 && ALREADY_IN.test(answer.text)),
          answered,
        )
      case 'MAIL':
      case 'RCPT':
        if (code >= 300 && code < 400) return this.#invalid(expected, answered)
        if (isFarewell(code) && code !== 421) this.closing = answer
        else if (exchange && verb === 'MAIL') exchange.mail = answer
        else if (exchange) exchange.rcpt[index] = answer
        return
      case 'DATA':
        if (code !== 354 && code < 400) return this.#invalid(expected, answered)
        return this.#dataAnswered(transaction, answered)
      case 'content':
        return this.#contentAnswered(expected, answered)
      case 'BDAT':
        if (exchange && isNegative(answer)) exchange.answerForAll(answer)
        return
      default:
        return
    }
  }

  #invalid({ command, transaction, stage }: Expected, { answer }: Answered): void {
    const text = `the server answered ${command} with ${answer.code}, which is not a valid reply to it`
    this.#breaks(transaction, { stage, text, reply: answer.reply })
  }

  /** A refused greeting stays the reason, even if the client tries to go on. */
  #refuse(isRefused: boolean, answered: Answered): void {
    if (this.refusal?.stage === 'greeting') return
    const problem = answered.stage === 'auth' ? this.problem : undefined
    this.refusal = isRefused ? { ...answered, problem } : undefined
  }

  #dataAnswered(transaction: Transaction | undefined, { answer, commandAt }: Answered): void {
    if (!transaction) return
    const { exchange } = transaction
    exchange.data = answer
    if (answer.code !== 354) return
    const isNobody = exchange.accepted === 0 || isNegative(exchange.mail)
    const positions =
      isNobody || exchange.protocol === 'smtp'
        ? [isNobody ? -1 : 0]
        : [...exchange.rcpt.keys()].filter((index) => isPositive(exchange.rcpt[index]))
    for (const index of positions)
      this.expected.push({ stage: 'body', verb: 'content', command: '', commandAt, transaction, index })
  }

  #contentAnswered({ transaction, index = 0 }: Expected, { answer }: Answered): void {
    const exchange = transaction?.exchange
    if (!exchange || index < 0) return
    if (exchange.isWritten) return exchange.answerContent(answer, index)
    if (answer.code >= 400) return exchange.answerForAll(answer)
    const text = 'the server accepted the content before it had all of it'
    exchange.breach ??= { stage: 'body', text, reply: answer.reply }
  }
}

/** The line with what a reply answers. */
export function lineOf({ verb, commandAt, transaction }: Expected): number | undefined {
  return verb === 'content' ? (transaction?.contentAt ?? commandAt) : commandAt
}
