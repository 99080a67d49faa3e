import type { TranscriptEntry } from '@loudmail/core'
import { MailError } from '@loudmail/core'
import {
  Answer,
  Exchange,
  isFarewell,
  isFarewellAfterPause,
  isNegative,
  isPositive,
  outcomeOf,
  suspicionOf,
  type Loss,
  type NotAReply,
  type ReplyLines,
  type Suspicion,
} from '@loudmail/core/transport'
import type { Composed } from '@loudmail/mime'
import type { Session } from '../opening/handshake.ts'
import type { Job } from '../pool/job.ts'
import { mailCommand, rcptCommand } from './commands.ts'
import { ContentWriter, isSmall, type ContentOwner, type OpenedContent } from './content-writer.ts'
import type { Expectation, Step } from './link.ts'

/** How a transaction sends its commands. */
export interface Mode {
  readonly protocol: 'smtp' | 'lmtp'
  readonly transport: string
  /** Either all recipients get the message, or nobody does. */
  readonly allOrNone: boolean
  /** Commands go out together (RFC 2920). */
  readonly pipelining: boolean
  /** Content that does not fit into one write, or all content, goes out in BDAT chunks (RFC 3030). */
  readonly chunking: 'none' | 'large' | 'all'
  /** The connection had another message before, or rested. */
  readonly reused: boolean
  /** The server has not yet taken a chunk on this connection. */
  readonly firstChunk: boolean
  /** Content goes out before any reply is read; for a window of several messages. */
  readonly eager: boolean
  /** How long the next piece of the content may take, in ms. */
  readonly contentMs: number
}

/** What a transaction reports to its connection. */
export interface TransactionHost {
  /** Its content is in the buffer: the next message may begin. */
  contentWritten(): void
  /** All its replies were read. */
  concluded(transaction: Transaction): void
  /** It stopped writing, although the server still waits for content. */
  stopped(): void
  /** Its content did not arrive in time. */
  stalled(job: Job): void
  /** The server announced that it closes the connection. */
  closingAnnounced(answer: Answer): void
  resetRefused(answer: Answer, transaction: Transaction): void
  /** It failed: its message is settled, or goes on elsewhere. */
  failed(transaction: Transaction, error: MailError, loss: Loss | undefined): void
  /** On a connection where it has not worked yet, the server refuses an extension that it offers. */
  isRefusedAtFirst(transaction: Transaction): boolean
}

/** The command that a reply answers, as failures show it. */
const COMMANDS: Readonly<Record<Step, string>> = {
  greeting: 'connection',
  command: 'command',
  rset: 'RSET',
  mail: 'MAIL FROM',
  rcpt: 'RCPT TO',
  data: 'DATA',
  chunk: 'BDAT',
  final: 'end of data',
}

/** One message on one connection: which command is next, and what each reply leads to. */
export class Transaction implements ContentOwner {
  readonly job: Job
  readonly exchange: Exchange
  readonly mode: Mode
  readonly entries: TranscriptEntry[] = []
  /** All its content is in the buffer, or no content will follow. */
  contentDone = false
  /** The server may still have this transaction open: RSET comes before the next message. */
  leavesOpen = false
  /** Nothing more of it may be written: it is settled, or its content cannot be read. */
  cancelled = false
  readonly #session: Session
  readonly #host: TransactionHost
  readonly #content: Composed
  readonly #writer: ContentWriter
  #answeredRecipients = 0
  #finalsPending = 0

  constructor(
    job: Job,
    content: Composed,
    opened: OpenedContent | undefined,
    session: Session,
    mode: Mode,
    host: TransactionHost,
  ) {
    this.job = job
    this.#content = content
    this.#session = session
    this.mode = mode
    this.#host = host
    // The final dot ends a transaction whatever the reply; for BDAT no RFC says so. So content that fits into one write
    // goes out after DATA, unless it goes out before the replies.
    const chunking = mode.chunking === 'all' || (mode.chunking === 'large' && !isSmall(content))
    this.exchange = new Exchange(job.message, mode.protocol, session.link, !chunking)
    this.#writer = new ContentWriter(session.link, this, content, opened, {
      chunking,
      firstChunk: mode.firstChunk,
      timeoutMs: mode.contentMs,
      beforeTransmission: job.context.beforeTransmission,
    })
  }

  /** The sign that the server does not keep to an extension, if the message failed because of that. */
  suspicion(loss: Loss | undefined, pipelining = this.mode.pipelining): Suspicion | undefined {
    return suspicionOf(this.exchange, loss, { pipelining, contentBegun: this.#writer.begun })
  }

  /** The next message may begin in the same write as the end of this one. */
  get mayBeFollowed(): boolean {
    return this.contentDone && (this.mode.eager || this.exchange.asksData)
  }

  /** Sends all commands that may go out before the first reply. */
  begin(reset: boolean): void {
    const { link } = this.#session
    if (reset) link.command(this, 'mail-from', 'rset', 'RSET')
    if (reset && !this.mode.pipelining) return
    this.#askSender()
    if (!this.mode.pipelining) return
    for (let index = 0; index < this.job.message.envelope.to.length; index++) this.#askRecipient(index)
    if (this.mode.eager && isSmall(this.#content)) this.#writer.write()
    else if (!this.#waitsForRecipients) link.command(this, 'data', 'data', 'DATA')
  }

  answered(reply: ReplyLines | NotAReply, { step, stage, index }: Expectation): void {
    const { link } = this.#session
    if (reply.code === undefined) {
      const text = link.recorder.redact?.(reply.lines[0]!) ?? reply.lines[0]!
      this.exchange.breach = { stage, text: `the server's answer is not an SMTP reply: ${text}` }
      return link.fail({ kind: 'protocol' })
    }
    const { redact } = link.recorder
    const command = step === 'rcpt' ? `RCPT TO:<${this.job.message.envelope.to[index]}>` : COMMANDS[step]
    const answer = new Answer(reply, this.mode.protocol, command, redact)
    // Only DATA can get a 3xx reply, and its only other valid reply is a refusal.
    if (step === 'data' ? reply.code !== 354 && reply.code < 400 : reply.code >= 300 && reply.code < 400) {
      const text = `the server answered ${command} with ${reply.code}, which is not a valid reply to it`
      this.exchange.breach = { stage, text, reply: answer.reply }
      // An acceptance belongs to an earlier command.
      return link.fail({ kind: 'protocol', lostCount: step === 'data' && isPositive(answer) })
    }
    if (this.#isFarewell(answer)) return link.fail({ kind: 'connection-lost', closing: answer.reply })
    if (!this.#note(answer, step, index)) return
    if (reply.code === 421) this.#host.closingAnnounced(answer)
    if (reply.code >= 400 && this.#host.isRefusedAtFirst(this)) return link.fail({ kind: 'connection-lost' })
    if (link.ended) return
    // After a 421 no command is sent; earlier commands may still be answered.
    if (!link.closing) this.#proceed(answer, step, index)
    else if (step === 'final') this.#finalAnswered()
  }

  /** Settles the message with what is known: at its end, when the connection is lost, or when the caller gives up. */
  settle(loss: Loss | undefined): void {
    const { transport } = this.mode
    const transcript = () => this.#session.link.recorder.transcript(this.entries)
    const { mail, rcpt, final } = this.exchange
    // The usual case, without the work for a failure.
    if (!loss && rcpt.length === 1 && isPositive(mail) && isPositive(rcpt[0]) && isPositive(final[0]))
      return this.job.deliver(transport, final[0].text, transcript)
    const outcome = this.outcome(loss)
    if (MailError.is(outcome)) this.#host.failed(this, outcome, loss)
    else this.job.deliver(transport, outcome.text, transcript)
  }

  outcome(loss: Loss | undefined): Answer | MailError {
    const { recorder } = this.#session.link
    this.#writer.stopped()
    const transcript = recorder.transcript(this.entries)
    const isOurs = this.#writer.isWaiting && loss?.kind === 'timeout' && !this.job.context.signal?.aborted
    const why = isOurs ? { ...loss, summary: 'beforeTransmission did not settle in time' } : loss
    return outcomeOf(this.exchange, why, {
      transport: this.mode.transport,
      transcript,
      redact: recorder.redact,
      situation: this.#session.situation,
    })
  }

  get #waitsForRecipients(): boolean {
    return !this.exchange.asksData || this.mode.allOrNone
  }

  #askSender(): void {
    const { link, capabilities } = this.#session
    link.command(this, 'mail-from', 'mail', mailCommand(this.job.message, this.#content, capabilities))
  }

  #askRecipient(index: number): void {
    const { message } = this.job
    const { link, capabilities } = this.#session
    const command = rcptCommand(message.envelope.to[index]!, message, capabilities)
    link.command(this, 'rcpt-to', 'rcpt', command, index)
  }

  /** The server closes the connection, and says so in another way than with 421. */
  #isFarewell({ code, text }: Answer): boolean {
    if (code === 421) return false
    const isFirstReply = !this.exchange.mail
    return isFarewell(code) || (this.mode.reused && isFirstReply && isFarewellAfterPause(code, text))
  }

  /** Stores an answer. Returns false if it ended the connection. */
  #note(answer: Answer, step: Step, index: number): boolean {
    const { exchange } = this
    const { link } = this.#session
    if (step === 'mail') exchange.mail = answer
    else if (step === 'rcpt') {
      exchange.rcpt[index] = answer
      this.#answeredRecipients++
    } else if (step === 'data') exchange.data = answer
    else if (step === 'chunk') this.#writer.chunkAnswered()
    if ((step !== 'final' && step !== 'chunk') || index < 0) return true
    if (step === 'final' && exchange.isWritten) {
      if (isPositive(answer) && (exchange.accepted === 0 || isNegative(exchange.mail))) {
        exchange.lostCount = true
        const summary = `the server accepted the content although nobody was to receive it: ${answer.text.slice(0, 200)}`
        link.fail({ kind: 'protocol', summary, lostCount: true })
        return false
      }
      exchange.answerContent(answer, index)
    } else if (answer.code >= 400) {
      // The server answered before it had all the content: that settles the message and ends the connection.
      exchange.answerForAll(answer)
      link.fail({ kind: 'connection-lost', closing: answer.code === 421 ? answer.reply : undefined })
      return false
    } else if (step === 'final') {
      link.fail({ kind: 'protocol', summary: 'the server accepted the content before it had all of it' })
      return false
    }
    return true
  }

  /** What an answer leads to. */
  #proceed(answer: Answer, step: Step, index: number): void {
    switch (step) {
      case 'rset':
        if (answer.code >= 400) this.#host.resetRefused(answer, this)
        else if (!this.mode.pipelining) this.#askSender()
        break
      case 'mail':
        if (this.mode.pipelining) break
        if (isPositive(answer)) this.#askRecipient(0)
        else this.#conclude()
        break
      case 'rcpt':
        this.#recipientAnswered(index)
        break
      case 'data':
        this.#dataAnswered(answer)
        break
      case 'final':
        this.#finalAnswered()
        break
      default:
        break
    }
  }

  #recipientAnswered(index: number): void {
    const { to } = this.job.message.envelope
    const { exchange } = this
    if (this.#answeredRecipients < to.length) {
      if (!this.mode.pipelining) this.#askRecipient(index + 1)
      return
    }
    // If DATA went out with the recipients, its reply comes next.
    if (this.mode.pipelining && (!this.#waitsForRecipients || this.#writer.begun)) return
    const { accepted } = exchange
    const isWanted = accepted > 0 && (!this.mode.allOrNone || accepted === to.length)
    if (!isPositive(exchange.mail) || !isWanted || this.cancelled) {
      this.leavesOpen = isPositive(exchange.mail)
      return this.#conclude()
    }
    if (exchange.asksData) this.#session.link.command(this, 'data', 'data', 'DATA')
    else this.#writer.write()
  }

  #dataAnswered(answer: Answer): void {
    const { link } = this.#session
    const { exchange } = this
    if (answer.code !== 354) {
      this.leavesOpen = true
      return this.#conclude()
    }
    if (this.cancelled) return this.#host.stopped()
    // The server would add the content to the message before.
    if (!isPositive(exchange.mail)) return link.fail({ kind: 'protocol' })
    if (exchange.accepted > 0) return this.#writer.write()
    // The server expects content although no recipient is left: a single dot ends that (RFC 2920 section 3.1).
    link.command(this, 'body', 'final', '.', -1)
    this.contentDone = true
  }

  #finalAnswered(): void {
    if (--this.#finalsPending > 0) return
    // A server that refused every recipient may still have the transaction open.
    if (!this.exchange.asksData && !this.exchange.final.some(isPositive)) this.leavesOpen = true
    this.#conclude()
  }

  #conclude(): void {
    this.contentDone = true
    this.settle(undefined)
    this.#host.concluded(this)
  }

  expectFinal(): void {
    const { link } = this.#session
    const { to } = this.job.message.envelope
    // LMTP answers for each recipient it accepted (RFC 2033 section 4.2).
    const positions =
      this.mode.protocol === 'lmtp'
        ? [...to.keys()].filter((index) => isPositive(this.exchange.rcpt[index]))
        : [0]
    this.#finalsPending = positions.length
    for (const index of positions) link.expect({ requester: this, stage: 'body', step: 'final', index })
  }

  contentWritten(): void {
    this.contentDone = true
    this.#host.contentWritten()
  }

  contentStopped(): void {
    this.#host.stopped()
  }

  contentStalled(): void {
    this.#host.stalled(this.job)
  }

  contentFailed(error: unknown): void {
    const { link } = this.#session
    if (!this.job.settled) {
      const transcript = link.recorder.transcript(this.entries)
      this.job.failComposing(error, { transport: this.mode.transport, transcript })
    }
    this.cancelled = true
    this.#host.stopped()
  }
}
