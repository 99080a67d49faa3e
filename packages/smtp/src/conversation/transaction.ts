import type { Composed } from '@loudmail/mime'
import { MailError, type Stage, type TranscriptEntry } from '@loudmail/core'
import { Answer, isPositive } from './answer.ts'
import { mailCommand, rcptCommand } from './commands.ts'
import { ContentWriter, isSmall, type ContentOwner, type OpenedContent } from './content-writer.ts'
import type { Session } from '../opening/handshake.ts'
import type { Job } from '../pool/job.ts'
import type { Expectation, Loss, Step } from './link.ts'
import type { NotAReply, ReplyLines } from './reply-reader.ts'
import { verdict, type Answers } from './verdict.ts'

/** How a transaction goes about its commands. */
export interface Manner {
  readonly protocol: 'smtp' | 'lmtp'
  readonly transport: string
  /** Nobody gets the message unless everybody does. */
  readonly allOrNone: boolean
  /** Content goes out before any reply was read; for a window of several messages. */
  readonly eager: boolean
}

/** What a transaction tells the connection it runs on. */
export interface TransactionHost {
  /** Its content is out (or will never be): the next message may begin. */
  contentWritten(): void
  /** Every reply to it was read. */
  concluded(transaction: Transaction): void
}

/** What a reply is to, where it is not worth a line of its own. */
const COMMANDS: Readonly<Record<Step, string>> = {
  greeting: 'connection',
  command: 'command',
  rset: 'RSET',
  mail: 'MAIL FROM',
  rcpt: 'RCPT TO',
  data: 'DATA',
  chunk: 'BDAT',
  final: 'content',
}

/** One message on one connection: what was asked, what was answered, and what to ask next. */
export class Transaction implements ContentOwner, Answers {
  readonly job: Job
  readonly entries: TranscriptEntry[] = []
  mail: Answer | undefined
  readonly rcpt: (Answer | undefined)[] = []
  data: Answer | undefined
  readonly final: (Answer | undefined)[] = []
  garbage: Answers['garbage']
  oldest: Stage = 'mail-from'
  /** All its content was written, or none ever will be. */
  contentDone = false
  /** The server may still hold this transaction open: RSET goes before the next. */
  leavesOpen = false
  /** The caller was told already. */
  cancelled = false
  readonly #session: Session
  readonly #manner: Manner
  readonly #host: TransactionHost
  readonly #content: Composed
  readonly #pipelining: boolean
  readonly #writer: ContentWriter
  /** The server read nothing of it: it closed before. */
  #unread = false
  #answeredRecipients = 0
  #finalsOwed = 0

  constructor(
    job: Job,
    content: Composed,
    opened: OpenedContent | undefined,
    session: Session,
    manner: Manner,
    host: TransactionHost,
  ) {
    this.job = job
    this.#content = content
    this.#session = session
    this.#manner = manner
    this.#host = host
    this.#pipelining = session.capabilities.has('PIPELINING')
    // The dot ends a transaction whatever the answer; after BDAT that is not said. So content that fits into one write
    // goes after DATA, unless it is to go ahead of the replies.
    const chunking = session.capabilities.has('CHUNKING') && (manner.eager || !isSmall(content))
    this.#writer = new ContentWriter(session.link, this, content, opened, chunking)
  }

  /** The final dot, or the last BDAT chunk, was handed to the socket, and the server may have read it. */
  get handedOver(): boolean {
    return this.#writer.handedOver && !this.#unread
  }

  /** The next message may be asked for in the same write as the end of this one. */
  get mayBeFollowed(): boolean {
    return this.contentDone && (this.#manner.eager || !this.#writer.chunking)
  }

  get message(): Job['message'] {
    return this.job.message
  }

  /** Whether the server has agreed to anything of it. */
  isUntouched({ closing }: Loss): boolean {
    if (closing && !this.mail) return true
    return !this.#writer.begun && !isPositive(this.mail) && !this.rcpt.some(isPositive)
  }

  /** Asks as much as may be asked before the first reply. */
  begin(reset: boolean): void {
    const { link } = this.#session
    if (reset) link.command(this, 'mail-from', 'rset', 'RSET')
    if (reset && !this.#pipelining) return
    this.#askSender()
    if (!this.#pipelining) return
    for (let index = 0; index < this.message.envelope.to.length; index++) this.#askRecipient(index)
    if (this.#manner.eager && isSmall(this.#content)) this.#writeContent()
    else if (!this.#waitsForRecipients) link.command(this, 'data', 'data', 'DATA')
  }

  answered(reply: ReplyLines | NotAReply, { step, stage, index }: Expectation): void {
    this.oldest = stage
    if (reply.code === undefined) {
      this.garbage = {
        stage,
        text: `what the server said is no SMTP reply: ${this.#redact(reply.lines[0]!)}`,
      }
      return this.#session.link.fail({ kind: 'protocol' })
    }
    // Only DATA asks for more, and nothing else is an answer to it but a refusal.
    if (step === 'data' ? reply.code !== 354 && reply.code < 400 : reply.code >= 300 && reply.code < 400) {
      const wrong = this.#answer(reply, COMMANDS[step]).reply
      this.garbage = {
        stage,
        text: `the server answered with ${reply.code}, which has no place there`,
        reply: wrong,
      }
      return this.#session.link.fail({ kind: 'protocol' })
    }
    // Nothing comes after 421 (RFC 5321 section 3.8).
    if (reply.code === 421) {
      this.#note421(reply, step, index)
      return this.#session.link.fail({
        kind: 'connection-lost',
        closing: this.#answer(reply, 'connection').reply,
      })
    }
    switch (step) {
      case 'rset':
        if (reply.code >= 400) return this.#resetRefused(reply)
        if (!this.#pipelining) this.#askSender()
        break
      case 'mail':
        this.mail = this.#answer(reply, 'MAIL FROM')
        if (!this.#pipelining) {
          if (isPositive(this.mail)) this.#askRecipient(0)
          else this.#conclude()
        }
        break
      case 'rcpt':
        this.#recipientAnswered(reply, index)
        break
      case 'data':
        this.#dataAnswered(reply)
        break
      case 'chunk':
        this.#writer.chunkAnswered()
        if (reply.code >= 400) this.#refusedEarly(reply)
        break
      case 'final':
        this.#finalAnswered(reply, index)
        break
      default:
        break
    }
  }

  /** Settles the message with what is known, at its end, when the connection is gone, or when the caller gives up. */
  settle(loss: Loss | undefined): void {
    const { transport } = this.#manner
    const transcript = () => this.#session.link.recorder.transcript(this.entries)
    // The usual case, without the books of a failure.
    const only = this.final[0]
    if (!loss && this.rcpt.length === 1 && isPositive(this.mail) && isPositive(only))
      return this.job.deliver(transport, only.text, transcript)
    const outcome = this.outcome(loss)
    if (MailError.is(outcome)) this.job.fail(outcome)
    else this.job.deliver(transport, outcome.text, transcript)
  }

  outcome(loss: Loss | undefined): Answer | MailError {
    const { recorder } = this.#session.link
    this.#writer.stopped()
    if ((loss?.closing && !this.mail) || !this.#session.link.wrote(this)) this.#unread = true
    this.oldest = this.#session.link.oldestOf(this) ?? this.oldest
    const { transport } = this.#manner
    return verdict(this, loss, {
      transport,
      transcript: recorder.transcript(this.entries),
      redact: recorder.redact,
    })
  }

  get #waitsForRecipients(): boolean {
    return this.#writer.chunking || this.#manner.allOrNone
  }

  #askSender(): void {
    const { link, capabilities } = this.#session
    link.command(this, 'mail-from', 'mail', mailCommand(this.message, this.#content, capabilities))
  }

  #askRecipient(index: number): void {
    const { link, capabilities } = this.#session
    link.command(
      this,
      'rcpt-to',
      'rcpt',
      rcptCommand(this.message.envelope.to[index]!, this.message, capabilities),
      index,
    )
  }

  #recipientAnswered(reply: ReplyLines, index: number): void {
    const { to } = this.message.envelope
    this.rcpt[index] = this.#answer(reply, `RCPT TO:<${to[index]}>`)
    this.#answeredRecipients++
    if (this.#answeredRecipients < to.length) {
      if (!this.#pipelining) this.#askRecipient(index + 1)
      return
    }
    // With DATA in the same write as the recipients, its reply comes next.
    if (this.#pipelining && (!this.#waitsForRecipients || this.#writer.begun)) return
    const accepted = this.rcpt.filter(isPositive).length
    if (
      !isPositive(this.mail) ||
      accepted === 0 ||
      (this.#manner.allOrNone && accepted < to.length) ||
      this.cancelled
    ) {
      this.leavesOpen = isPositive(this.mail)
      return this.#conclude()
    }
    if (this.#writer.chunking) this.#writeContent()
    else this.#session.link.command(this, 'data', 'data', 'DATA')
  }

  /**
   * The message before may still be open, so this one must not go on. A server that counts RSET (Exim does) says 554 when
   * there were too many, and closes without a look at what follows. Of any other that is not known.
   */
  #resetRefused(reply: ReplyLines): void {
    const { link } = this.#session
    const { reply: closing } = this.#answer(reply, 'RSET')
    if (!this.#writer.begun) link.fail({ kind: 'connection-lost', closing })
    else if (reply.code === 554) link.closing = closing
    else link.fail({ kind: 'protocol', summary: `the server refused RSET: ${reply.code} ${closing.text}` })
  }

  #note421(reply: ReplyLines, step: Step, index: number): void {
    if (step === 'mail') this.mail = this.#answer(reply, 'MAIL FROM')
    else if (step === 'rcpt')
      this.rcpt[index] = this.#answer(reply, `RCPT TO:<${this.message.envelope.to[index]}>`)
    else if (step === 'data') this.data = this.#answer(reply, 'DATA')
    else if (step !== 'rset' && index >= 0) this.#noteFinal(this.#answer(reply, 'content'), index)
  }

  #noteFinal(reply: Answer, index: number): void {
    if (this.#manner.protocol === 'lmtp') this.final[index] = reply
    else
      for (const position of this.rcpt.keys())
        if (isPositive(this.rcpt[position])) this.final[position] = reply
  }

  #dataAnswered(reply: ReplyLines): void {
    this.data = this.#answer(reply, 'DATA')
    if (reply.code !== 354) {
      this.leavesOpen = true
      return this.#conclude()
    }
    if (this.cancelled) return this.#session.link.fail({ kind: 'aborted' })
    // What the server would take then belongs to the message before.
    if (!isPositive(this.mail)) return this.#session.link.fail({ kind: 'protocol' })
    if (this.rcpt.some(isPositive)) return this.#writeContent()
    // The server wants content for nobody: a lone dot ends that (RFC 2920 section 3.1).
    this.#session.link.command(this, 'body', 'final', '.', -1)
    this.contentDone = true
  }

  #finalAnswered(reply: ReplyLines, index: number): void {
    if (index >= 0) {
      if (!this.handedOver) return this.#refusedEarly(reply)
      this.#noteFinal(this.#answer(reply, this.#writer.chunking ? 'BDAT' : 'end of data'), index)
    }
    if (--this.#finalsOwed <= 0) {
      // A server that refused every recipient may still hold the transaction open.
      if (this.#writer.chunking && !this.final.some(isPositive)) this.leavesOpen = true
      this.#conclude()
    }
  }

  /** The server answered before it had all of the content: it decides the message, and the connection is done. */
  #refusedEarly(reply: ReplyLines): void {
    const final = this.#answer(reply, 'content')
    if (isPositive(final)) return this.#session.link.fail({ kind: 'protocol' })
    for (const position of this.rcpt.keys()) if (isPositive(this.rcpt[position])) this.final[position] = final
    this.#session.link.fail({ kind: 'connection-lost' })
  }

  #conclude(): void {
    this.contentDone = true
    this.settle(undefined)
    this.#host.concluded(this)
  }

  expectFinal(): void {
    const { link } = this.#session
    const { to } = this.message.envelope
    // LMTP answers for each recipient it accepted (RFC 2033 section 4.2).
    const positions =
      this.#manner.protocol === 'lmtp' ? [...to.keys()].filter((index) => isPositive(this.rcpt[index])) : [0]
    this.#finalsOwed = positions.length
    for (const index of positions) link.expect({ asker: this, stage: 'body', step: 'final', index })
  }

  contentWritten(): void {
    this.contentDone = true
    this.#host.contentWritten()
  }

  #writeContent(): void {
    this.oldest = 'body'
    this.#writer.write()
  }

  contentFailed(error: unknown): void {
    const { link } = this.#session
    const { transport } = this.#manner
    const failure = MailError.is(error)
      ? error
      : new MailError({ stage: 'compose', kind: 'attachment', cause: error })
    const recipients = this.message.envelope.to.map(
      (address) => ({ address, status: 'not-attempted' }) as const,
    )
    const { permanence } = failure
    this.job.fail(
      failure.with({
        transport,
        recipients,
        permanence,
        messageId: this.message.messageId,
        replayable: this.message.replayable,
        transcript: link.recorder.transcript(this.entries),
      }),
    )
    link.fail({ kind: 'aborted' })
  }

  #answer(reply: ReplyLines, command: string): Answer {
    return new Answer(reply, this.#manner.protocol, command, this.#session.link.recorder.redact)
  }

  #redact(text: string): string {
    return this.#session.link.recorder.redact?.(text) ?? text
  }
}
