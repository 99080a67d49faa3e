import type { Kind, Stage, TranscriptEntry } from '@loudmail/core'
import {
  addSaslResponse,
  Answer,
  capabilitiesOf,
  isNegative,
  isPositive,
  NO_CAPABILITIES,
  type Capabilities,
  type NotAReply,
  type ReplyLines,
  type Secrets,
  stageOfCommand,
  type Situation,
  tokenProblem,
} from '@loudmail/core/transport'
import type { Attempt, Course, Ending, Verdict } from './attempt.ts'

/** An expected reply. */
export interface Expected {
  readonly stage: Stage
  readonly verb: string
  /** The command as the transcript shows it; undefined for the greeting. */
  readonly command?: string | undefined
  /** The attempt it belongs to, which may end before the reply arrives. */
  readonly attempt?: Attempt | undefined
  /** Which recipient, by position in the envelope. */
  readonly index?: number | undefined
}

/** A reply with its command. */
export interface Answered {
  readonly expected: Expected
  readonly answer: Answer
}

let connections = 0

/**
 * Follows the conversation on one connection: which commands wait for a reply, and so to which step a failure
 * belongs. It records the lines, without the commands' secrets and without content.
 */
export class Conversation implements Course {
  readonly protocol: 'smtp' | 'lmtp'
  readonly id = `nodemailer-${++connections}`
  /** As it was said: a secret can be split over several lines, so it is removed when there is a transcript. */
  readonly preamble: TranscriptEntry[] = []
  readonly secrets: Secrets
  /** The progress of the connection: `dns`, `connect`, `tls`, then the stage that was answered last. */
  progress: Stage = 'dns'
  isSecure = false
  capabilities: Capabilities = NO_CAPABILITIES
  refusal: Course['refusal']
  verdict: Verdict | undefined
  hasOtherMechanism = false
  ending: Ending | undefined
  attempt: Attempt | undefined
  /** When the connection was started, on the clock of `performance.now()`. */
  readonly startedAt = performance.now()
  readonly #expected: Expected[] = []
  #sequence = 0
  readonly #configured: Situation
  #greeting: string | undefined
  #hello: readonly string[] | undefined
  #isChallenged = false
  /** The mechanism of the log-in that goes on: `AUTH PLAIN`. */
  #logIn = 'AUTH'
  /** What the server said about an access token before it refused it. */
  #tokenProblem: string | undefined
  #content: { octets: number; tail: string } | undefined

  constructor(secrets: Secrets, protocol: 'smtp' | 'lmtp', configured: Situation) {
    this.secrets = secrets
    this.protocol = protocol
    this.#configured = configured
  }

  get situation(): Situation {
    return {
      ...this.#configured,
      greeting: this.#greeting,
      hello: this.#hello,
      encrypted: this.isSecure,
    }
  }

  /** The current step: that of the oldest command without a reply. */
  get stage(): Stage {
    return this.#expected[0]?.stage ?? this.progress
  }

  get isAwaitingReply(): boolean {
    return this.#expected.length > 0
  }

  get isInContent(): boolean {
    return this.#content !== undefined
  }

  event(text: string): void {
    this.#write('event', text)
  }

  expectGreeting(): void {
    this.#expected.push({ stage: 'greeting', verb: '' })
  }

  /** Records a command line that is written to the socket. */
  command(line: string): void {
    const verb = this.#isChallenged ? 'AUTH' : line.slice(0, 4).toUpperCase().trim()
    const name = verb === 'STAR' ? 'STARTTLS' : verb
    const shown = name === 'AUTH' ? this.#saslCommand(line) : line
    this.#write('client', shown)
    const isOfMessage = name === 'MAIL' || name === 'RCPT' || name === 'DATA'
    this.#expected.push({
      stage: stageOfCommand(name) ?? this.progress,
      verb: name,
      command: name === 'AUTH' ? this.#logIn : shown,
      attempt: isOfMessage ? this.attempt : undefined,
      index: name === 'RCPT' ? this.attempt?.exchange?.message.envelope.to.indexOf(pathOf(line)) : undefined,
    })
  }

  /**
   * Records content that is about to be written to the socket.
   *
   * @param end where it ends in the stream of the connection, in octets
   */
  content(bytes: Buffer, end: number): void {
    const content = this.#content!
    const isFirst = content.octets === 0
    content.octets += bytes.length
    content.tail = (content.tail + bytes.subarray(-5).toString('latin1')).slice(-5)
    const isLast = content.tail === '\r\n.\r\n' || (isFirst && content.tail === '.\r\n')
    if (!isLast) return
    this.#write('client', `<${content.octets - 3} octets>`)
    this.#write('client', '.')
    this.#content = undefined
    this.attempt?.exchange?.endAt(end)
  }

  /** Reads a whole reply. Undefined if it breaks the protocol: then `verdict` says how. */
  reply(reply: ReplyLines | NotAReply): Answered | undefined {
    this.#cutContent()
    for (const line of reply.lines) this.#write('server', line)
    const expected = this.#expected.shift()
    if (reply.code === undefined)
      return this.#breach(expected, expected?.verb === '' ? 'not-smtp' : 'protocol')
    const answer = new Answer(reply, this.protocol, expected?.command ?? 'connection', this.secrets.redact)
    if (!expected) return this.#unasked(answer)
    const answered = { expected, answer }
    this.progress = expected.stage
    return this.#note(answered, reply.lines) ? answered : this.#breach(expected, 'protocol')
  }

  /** Records that the server broke the protocol, unless something was wrong before. */
  breach(kind: Kind, summary?: string): void {
    this.verdict ??= { stage: this.stage, kind, summary }
  }

  /** Records how the connection ended, and how much content was written. The first reason stays. */
  end(ending: Ending, text: string): void {
    if (this.ending) return
    this.ending = ending
    this.#cutContent()
    this.event(text)
  }

  #breach(expected: Expected | undefined, kind: Kind): undefined {
    this.verdict ??= { stage: expected?.stage ?? this.stage, kind }
  }

  /** A server may send 421 (or another refusal) when it closes. Any other reply without a command is not valid. */
  #unasked(answer: Answer): Answered | undefined {
    if (!isNegative(answer)) return this.#breach(undefined, 'response-injection')
    if (!this.attempt) this.refusal = { stage: this.progress, answer }
    return { expected: { stage: this.progress, verb: '*' }, answer }
  }

  /** False if the reply is not valid for that command. */
  #note({ expected, answer }: Answered, lines: readonly string[]): boolean {
    const { verb, attempt, index } = expected
    const { code } = answer
    const exchange = attempt?.exchange
    const asksForMore = code >= 300 && code < 400
    switch (verb) {
      case '':
        this.#greeting = lines[0]
        this.#refuse(expected, answer)
        return code === 220 || code >= 400
      case 'EHLO':
      case 'LHLO':
      case 'HELO':
        if (verb !== 'HELO') this.#hello = lines
        if (isPositive(answer)) this.capabilities = verb === 'HELO' ? NO_CAPABILITIES : capabilitiesOf(lines)
        this.#refuse(expected, answer)
        return !asksForMore
      case 'STARTTLS':
        this.#refuse(expected, answer)
        return !asksForMore
      case 'AUTH':
        this.#isChallenged = code === 334
        if (this.#isChallenged) this.#tokenProblem ??= tokenProblem(lines[0]!, this.secrets.redact)
        this.#refuse(expected, answer)
        return !asksForMore || code === 334
      case 'MAIL':
        if (exchange && !asksForMore) exchange.mail = answer
        return !asksForMore
      case 'RCPT':
        // A message that somebody sends with the transporter directly has recipients that are not known here.
        if (exchange && index !== undefined && !asksForMore)
          exchange.rcpt[index < 0 ? exchange.rcpt.length : index] = answer
        return !asksForMore
      case 'DATA':
        if (code !== 354 && code < 400) return false
        if (attempt) this.#dataAnswered(attempt, expected, answer)
        return true
      case 'content':
        return this.#finalAnswered(attempt!, expected, answer)
      default:
        return true
    }
  }

  #refuse({ stage }: Expected, answer: Answer): void {
    const problem = stage === 'auth' ? this.#tokenProblem : undefined
    this.refusal = isNegative(answer) ? { stage, answer, problem } : undefined
  }

  #dataAnswered(attempt: Attempt, { command }: Expected, answer: Answer): void {
    const exchange = attempt.exchange!
    exchange.data = answer
    if (answer.code !== 354 || exchange.accepted === 0 || isNegative(exchange.mail)) return
    this.#content = { octets: 0, tail: '' }
    const expect = (index: number): void =>
      void this.#expected.push({ stage: 'body', verb: 'content', command: command && '.', attempt, index })
    if (this.protocol === 'smtp') return expect(0)
    for (const index of exchange.rcpt.keys()) if (isPositive(exchange.rcpt[index])) expect(index)
  }

  #finalAnswered(attempt: Attempt, { index }: Expected, answer: Answer): boolean {
    const exchange = attempt.exchange!
    // Before the end of the content, only a refusal is valid.
    if (!isNegative(answer) && !(isPositive(answer) && exchange.isWritten)) return false
    exchange.answerContent(answer, index!)
    if (!exchange.isInDoubt) attempt.concluded?.()
    return true
  }

  /** The content stopped before its end: the transcript shows how much was written. */
  #cutContent(): void {
    if (this.#content) this.#write('client', `<${this.#content.octets} octets>`)
    this.#content = undefined
  }

  /** Shows only the mechanism, and remembers the rest as a secret. */
  #saslCommand(line: string): string {
    const [, opening = '', response = ''] = /^(AUTH +\S+)? *(.*)$/is.exec(line) ?? []
    if (opening !== '') {
      this.#logIn = opening
      this.#tokenProblem = undefined
    }
    addSaslResponse(this.secrets, response)
    return [opening, response === '' ? '' : '<redacted>'].filter(Boolean).join(' ')
  }

  #write(from: TranscriptEntry['from'], text: string): void {
    const entries = this.attempt ? this.attempt.entries : this.preamble
    entries.push({
      from,
      text,
      atMs: Math.round((performance.now() - this.startedAt) * 10) / 10,
      connection: this.id,
      sequence: this.#sequence++,
    })
  }
}

/** The address in MAIL or RCPT. */
export function pathOf(line: string): string {
  return /^(?:MAIL FROM|RCPT TO):<(.*?)>(?: |$)/i.exec(line)?.[1] ?? ''
}
