import { MailError, type Envelope, type FailureCode, type Kind, type Stage } from '@loudmail/core'
import {
  Answer,
  Exchange,
  isNegative,
  outcomeOf,
  parseReply,
  type Loss,
  type Redact,
} from '@loudmail/core/transport'
import { parsePath, type CapturedMessage } from '@loudmail/server'
import { codeIn } from '../rehearsal/wanted-failure.ts'

const LEFT = {
  summary: 'the client closed the connection before it had sent the whole message',
  hint: 'Nobody has the message. Look at the program that sent it: it ended, it reported an error, or it gave up waiting.',
}

/** One mail, from MAIL to the reply to its content, as the server heard it. */
export class HeardTransaction {
  readonly #from: string
  readonly #smtputf8: boolean
  readonly #to: string[] = []
  readonly #stream = { written: 0 }
  readonly #exchange: Exchange
  #message: CapturedMessage | undefined
  /** The store has it, or was asked to keep it. */
  isKept = false

  /** @param line the MAIL command */
  constructor(line: string) {
    const path = pathIn(line, 'from')
    this.#from = path?.address ?? ''
    this.#smtputf8 = path?.parameters['SMTPUTF8'] !== undefined
    this.#exchange = new Exchange(
      { envelope: this.envelope, messageId: undefined, replayable: true },
      'smtp',
      this.#stream,
    )
  }

  /** With all recipients that the client asked for. */
  get envelope(): Envelope {
    return { from: this.#from, to: this.#to, smtputf8: this.#smtputf8 }
  }

  /** Undefined if the client did not send all of it. */
  get content(): Uint8Array | undefined {
    return this.#message?.content
  }

  /** Whether nothing more can become of it. */
  get isOver(): boolean {
    return isNegative(this.#exchange.data) || this.#exchange.final.some((answer) => answer !== undefined)
  }

  /** @param line the RCPT command */
  addRecipient(line: string): void {
    this.#to.push(pathIn(line, 'to')?.address ?? line)
  }

  complete(message: CapturedMessage): void {
    this.#message = message
    this.#stream.written = 1
    this.#exchange.endAt(1)
  }

  /** @param command the command that the reply answers, without credentials */
  answer(stage: Stage, text: string, command: string, redact: Redact): void {
    const lines = text.split('\n')
    const reply = parseReply(lines)
    if (!reply) {
      // A client cannot know which command the next reply answers.
      this.#exchange.lostCount = true
      this.#exchange.breach ??= { stage, text: 'the server sent something that is not a reply' }
      return
    }
    const answer = new Answer({ code: reply.code, lines }, 'smtp', command, redact)
    if (stage === 'mail-from') this.#exchange.mail = answer
    else if (stage === 'rcpt-to') this.#exchange.rcpt[this.#to.length - 1] = answer
    else if (stage === 'data') this.#exchange.data = answer
    else if (stage === 'body') this.#exchange.answerForAll(answer)
  }

  /**
   * Why it failed; undefined if it did not, or if the client changed its mind before anything was refused.
   *
   * @param end whether the client, or the server, closed the connection
   * @param rehearsed the failure that is rehearsed for all mails
   */
  failure(end?: 'closed', rehearsed?: FailureCode): MailError | undefined {
    const { breach, refusal, final, mail, stage } = this.#exchange
    const isRefused = refusal !== undefined || final.some(isNegative) || breach !== undefined
    if (!isRefused && end === undefined && !this.#isAccepted) return undefined
    const wanted = [rehearsed, ...this.#to.map(codeIn)].find((code) => code?.startsWith(`${stage}/`))
    const kind = (wanted?.split('/')[1] ?? 'connection-lost') as Kind
    const isLeft = !isRefused && wanted === undefined && !this.#exchange.isWritten
    const loss: Loss | undefined = isRefused ? undefined : { kind, ...(isLeft && { summary: LEFT.summary }) }
    if (this.#to.length === 0) {
      if (!isNegative(mail)) return new MailError({ stage, kind, ...(isLeft && LEFT) })
      const { kind: meaning, scope } = mail.diagnosis('mail-from')
      return new MailError({ stage: 'mail-from', kind: meaning, scope, reply: mail.reply })
    }
    const outcome = outcomeOf(this.#exchange, loss)
    if (!MailError.is(outcome)) return undefined
    return isLeft ? outcome.with({ hint: LEFT.hint }) : outcome
  }

  get #isAccepted(): boolean {
    return this.#exchange.final.some((answer) => answer !== undefined && !isNegative(answer))
  }
}

function pathIn(line: string, keyword: 'from' | 'to'): ReturnType<typeof parsePath> {
  return parsePath(line.slice(line.indexOf(' ') + 1).trim(), keyword)
}
