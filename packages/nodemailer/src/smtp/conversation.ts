import type { Kind, Reply, Stage, TranscriptEntry } from '@loudmail/core'
import { parseReply } from '@loudmail/core/transport'
import { Attempt, type Verdict } from './attempt.ts'
import { parseCapabilities, type Capabilities } from './capabilities.ts'
import type { Secrets } from '../secrets.ts'

/** How a connection ended without a word of the server. */
export interface Ending {
  readonly kind: Kind
  /** Where it says so by itself; else it is the stage of the oldest unanswered command. */
  readonly stage?: Stage | undefined
  readonly cause?: unknown
}

/** A reply that is waited for. */
export interface Expected {
  readonly stage: Stage
  readonly verb: string
  /** As it stands in the transcript; undefined for the greeting. */
  readonly command?: string | undefined
  /** The transaction it belongs to; it may be over before the reply comes. */
  readonly attempt?: Attempt | undefined
  readonly recipient?: string | undefined
}

/** A reply with what it answers. */
export interface Answered {
  readonly expected: Expected
  readonly reply: Reply
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
}

let connections = 0

/**
 * Follows the conversation on one connection: which commands wait for a reply, and so which step a failure belongs
 * to. It writes the transcript, without secrets and without content.
 */
export class Conversation {
  readonly id = `nodemailer-${++connections}`
  /** What was said before the first message: later messages on the connection show it as well. */
  readonly preamble: TranscriptEntry[] = []
  readonly secrets: Secrets
  /** How far the connection itself came: `dns`, `connect`, `tls`, and from then on what was answered last. */
  progress: Stage = 'dns'
  isSecure = false
  capabilities: Capabilities | undefined
  /** The negative reply to the greeting, EHLO, STARTTLS or AUTH that nothing made good. */
  refusal: Answered | undefined
  verdict: Verdict | undefined
  ending: Ending | undefined
  attempt: Attempt | undefined
  readonly #protocol: 'smtp' | 'lmtp'
  readonly #start = performance.now()
  readonly #expected: Expected[] = []
  #sequence = 0
  #isChallenged = false
  #content: { octets: number; tail: string } | undefined

  constructor(secrets: Secrets, protocol: 'smtp' | 'lmtp' = 'smtp') {
    this.secrets = secrets
    this.#protocol = protocol
  }

  /** The step that is under way: that of the oldest command without a reply. */
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

  /** Makes the message that MAIL comes for the current one. */
  begin(attempt: Attempt): void {
    attempt.begun = true
    this.attempt = attempt
  }

  /** Notes a command line that is handed to the socket. */
  command(line: string): Expected {
    const verb = this.#isChallenged ? 'AUTH' : line.slice(0, 4).toUpperCase().trim()
    const name = verb === 'STAR' ? 'STARTTLS' : verb
    const command = name === 'AUTH' ? this.#saslCommand(line) : line
    this.#write('client', command)
    const isOfMessage = name === 'MAIL' || name === 'RCPT' || name === 'DATA'
    const expected: Expected = {
      stage: STAGE_OF[name] ?? this.progress,
      verb: name,
      command: this.secrets.redact(command),
      attempt: isOfMessage ? this.attempt : undefined,
      recipient: name === 'RCPT' ? pathOf(line) : undefined,
    }
    this.#expected.push(expected)
    return expected
  }

  /** Notes content that is about to be handed to the socket; true with the last of it. */
  content(bytes: Buffer): boolean {
    const content = this.#content!
    const isFirst = content.octets === 0
    content.octets += bytes.length
    content.tail = (content.tail + bytes.subarray(-5).toString('latin1')).slice(-5)
    const isLast = content.tail === '\r\n.\r\n' || (isFirst && content.tail === '.\r\n')
    if (!isLast) return false
    this.#write('client', `<${content.octets - 3} octets>`)
    this.#write('client', '.')
    this.#content = undefined
    if (this.attempt) this.attempt.isComplete = true
    return true
  }

  /** Takes a whole reply. Undefined where it breaks the protocol: then a verdict says how. */
  reply(lines: readonly string[]): Answered | undefined {
    const parsed = parseReply(lines, this.#protocol)
    this.#cutContent()
    for (const line of lines) this.#write('server', line)
    const expected = this.#expected.shift()
    if (!parsed) return this.#breach(expected, expected?.verb === '' ? 'not-smtp' : 'protocol')
    const reply: Reply = {
      ...parsed,
      text: this.secrets.redact(parsed.text),
      command: expected?.command,
    }
    if (!expected) return this.#unasked(reply)
    const answered = { expected, reply }
    this.progress = expected.stage
    return this.#note(answered, lines) ? answered : this.#breach(expected, 'protocol')
  }

  /** Says that the server broke the protocol, unless something was wrong before. */
  breach(kind: Kind, summary?: string): void {
    this.verdict ??= { stage: this.stage, kind, summary }
  }

  /** Notes how the connection ended, and what of the content had left by then; the first reason stays. */
  end(ending: Ending, text: string): void {
    if (this.ending) return
    this.ending = ending
    this.#cutContent()
    this.event(text)
  }

  #breach(expected: Expected | undefined, kind: Kind): undefined {
    this.verdict ??= { stage: expected?.stage ?? this.stage, kind }
  }

  /** A server may say 421 (or another refusal) when it closes; anything else that nobody asked for is not its own. */
  #unasked(reply: Reply): Answered | undefined {
    if (reply.code < 400) return this.#breach(undefined, 'response-injection')
    const answered = { expected: { stage: this.progress, verb: '*' }, reply }
    if (!this.attempt) this.refusal = answered
    return answered
  }

  /** False where the reply makes no sense as an answer to that command. */
  #note({ expected, reply }: Answered, lines: readonly string[]): boolean {
    const { verb, attempt, recipient } = expected
    const isPositive = reply.code < 300
    switch (verb) {
      case '':
        if (reply.code !== 220 && reply.code < 400) return false
        this.#refuse(isPositive, { expected, reply })
        return true
      case 'EHLO':
      case 'LHLO':
      case 'HELO':
      case 'STARTTLS':
        if (reply.code >= 300 && reply.code < 400) return false
        this.#refuse(isPositive, { expected, reply })
        if (isPositive && verb !== 'STARTTLS')
          this.capabilities = parseCapabilities(verb === 'HELO' ? [] : lines)
        return true
      case 'AUTH':
        this.#isChallenged = reply.code === 334
        if (reply.code >= 300 && reply.code < 400 && reply.code !== 334) return false
        this.#refuse(reply.code < 400, { expected, reply })
        return true
      case 'MAIL':
        if (reply.code >= 300 && reply.code < 400) return false
        if (attempt) attempt.mail = reply
        return true
      case 'RCPT':
        if (reply.code >= 300 && reply.code < 400) return false
        attempt?.recipients.set(recipient!, reply)
        return true
      case 'DATA':
        if (reply.code !== 354 && reply.code < 400) return false
        if (attempt) this.#data(attempt, expected, reply)
        return true
      case 'content':
        return this.#final(attempt!, expected, reply)
      default:
        return true
    }
  }

  #refuse(isGood: boolean, answered: Answered): void {
    this.refusal = isGood ? undefined : answered
  }

  #data(attempt: Attempt, { command }: Expected, reply: Reply): void {
    attempt.data = reply
    const { accepted } = attempt
    if (reply.code !== 354 || accepted.length === 0 || (attempt.mail?.code ?? 250) >= 300) return
    this.#content = { octets: 0, tail: '' }
    const answers = this.#protocol === 'lmtp' ? accepted : [undefined]
    for (const recipient of answers) {
      this.#expected.push({ stage: 'body', verb: 'content', command: command && '.', attempt, recipient })
    }
  }

  #final(attempt: Attempt, { recipient }: Expected, reply: Reply): boolean {
    // Before its end only a refusal makes sense.
    if (reply.code < 400 && (!attempt.isComplete || reply.code >= 300)) return false
    for (const address of recipient === undefined ? attempt.accepted : [recipient])
      attempt.final.set(address, reply)
    if (!attempt.isInDoubt) attempt.concluded?.()
    return true
  }

  /** Content that ends before its end: what left is shown, and nothing more of it follows. */
  #cutContent(): void {
    if (this.#content) this.#write('client', `<${this.#content.octets} octets>`)
    this.#content = undefined
  }

  /** Shows the mechanism alone, and remembers the rest as a secret. */
  #saslCommand(line: string): string {
    const [, opening = '', response = ''] = /^(AUTH +\S+)? *(.*)$/is.exec(line) ?? []
    this.secrets.addSaslResponse(response)
    return [opening, response === '' ? '' : '<redacted>'].filter(Boolean).join(' ')
  }

  #write(from: TranscriptEntry['from'], text: string): void {
    const entries = this.attempt ? this.attempt.entries : this.preamble
    entries.push({
      from,
      text: this.secrets.redact(text),
      atMs: Math.round((performance.now() - this.#start) * 10) / 10,
      connection: this.id,
      sequence: this.#sequence++,
    })
  }
}

/** The address of MAIL and RCPT. */
export function pathOf(line: string): string {
  return /^(?:MAIL FROM|RCPT TO):<(.*?)>(?: |$)/i.exec(line)?.[1] ?? ''
}
