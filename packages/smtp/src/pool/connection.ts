import { MailError, type Kind, type Stage } from '@loudmail/core'
import {
  failAll,
  isInMemory,
  outcomeOf,
  type Answer,
  type Exchange,
  type Loss,
  type MailErrorInit,
} from '@loudmail/core/transport'
import { compose, type Composed } from '@loudmail/mime'
import { discard, openContent, type OpenedContent } from '../conversation/content-writer.ts'
import type { LinkLoss } from '../conversation/link.ts'
import { Transaction, type Mode, type TransactionHost } from '../conversation/transaction.ts'
import type { Session } from '../opening/handshake.ts'
import type { Settings } from '../options.ts'
import { ExtensionUse } from './extension-use.ts'
import type { Job } from './job.ts'
import { hintWithout, type Trust } from './trust.ts'

/** Gives a connection its messages, and receives its reports. */
export interface ConnectionHost {
  /** The message that has waited longest. Those that moved are only for a connection that is `fresh`. */
  next(fresh: boolean): Job | undefined
  /** A message goes on, on a fresh connection. */
  move(job: Job): void
  /** The connection has no message. */
  idle(connection: Connection): void
  gone(connection: Connection): void
  /** Connections that see first whether the server said something while they were idle. */
  readonly looking: Set<Connection>
  readonly trust: Trust
  /** How many messages may be in progress on one connection; 1 once the server lost count. */
  readonly window: number
  /** The server broke the protocol while several messages were in progress. */
  lostCount(): void
  /** How many RSET commands the server accepts on one connection; known once it refused one. */
  mostResets: number
  readonly transportName: string
}

/** An extra reply within this time shows that the server lost count, in ms. */
const EXTRA_REPLY_MS = 1_000
/** After a pause of this length, in ms, the server may have closed the connection, and this program may not have read it yet. */
const PAUSE_MS = 10
/** A server that has been silent for this time, in ms, does not answer. */
const SILENCE_MS = 5_000

/** One connection that is ready for messages: its transactions, in the order of their replies. */
export class Connection implements TransactionHost {
  readonly session: Session
  readonly #settings: Settings
  readonly #host: ConnectionHost
  readonly #extensions: ExtensionUse
  readonly #underWay: Transaction[] = []
  /** The message whose content is being opened. */
  #preparing: Job | undefined
  /** The last messages sent in chunks. No 354 has proved that each got its own replies. */
  #unproven: { readonly job: Job; readonly exchange: Exchange }[] = []
  #quietSince = performance.now()
  /** It was idle at least once. */
  #rested = false
  #filling = false
  #leftOpen = false
  #begun = 0
  #completed = 0
  #retiring = false
  #closing = false

  constructor(session: Session, settings: Settings, host: ConnectionHost) {
    this.session = session
    this.#settings = settings
    this.#host = host
    this.#extensions = new ExtensionUse(session.capabilities, host.trust)
    session.link.onLost = (loss) => this.#lost(loss)
  }

  get isIdle(): boolean {
    return this.#underWay.length === 0 && this.#preparing === undefined
  }

  /** How many messages are in progress on it. */
  get sending(): number {
    const underWay = this.#underWay.reduce((count, { job }) => count + (job.settled ? 0 : 1), 0)
    return this.#preparing ? underWay + 1 : underWay
  }

  /** The connection only listens for late replies: no caller waits for it. */
  get isUnwanted(): boolean {
    return !this.isIdle && !this.#preparing && this.#underWay.every(({ job }) => job.settled)
  }

  /** Begins waiting messages, as many as may be in progress. */
  fill(): void {
    // The end of one message begins the next: these calls must not nest.
    if (this.#filling || this.#host.looking.has(this)) return
    if (this.isIdle && this.idleMs > PAUSE_MS) return this.#look()
    this.#filling = true
    while (this.#mayBegin()) {
      const job = this.#host.next(!this.#isUsed)
      if (!job) break
      this.#take(job)
    }
    this.#filling = false
    if (!this.isIdle || this.session.link.ended) return
    if (this.#isDone) return this.close()
    this.#rested = true
    this.#host.idle(this)
  }

  /** The server may have closed it since it last answered. */
  get #isUsed(): boolean {
    return this.#begun > 0 || this.#rested
  }

  /** How long it has been idle, in ms. */
  get idleMs(): number {
    return performance.now() - this.#quietSince
  }

  /** Reads what the server said meanwhile: it may have closed the connection. */
  #look(): void {
    const { link } = this.session
    this.#host.looking.add(this)
    link.hold(true)
    // After two turns of the event loop, all that had arrived was read.
    setImmediate(() =>
      setImmediate(() => {
        this.#quietSince = performance.now()
        this.#host.looking.delete(this)
        if (!link.ended) this.fill()
      }),
    )
  }

  /** Takes no more messages, and closes once all its messages are settled. */
  close(): void {
    this.#retiring = true
    this.#closing = true
    this.#closeUnlessWanted()
  }

  /** Closes at once, without QUIT. */
  end(): void {
    this.session.link.destroy()
    this.#host.gone(this)
  }

  /** The caller of a message gave up: it is settled with what is known, and nothing changes for the others. */
  abandon(job: Job, why: Pick<LinkLoss, 'kind' | 'summary'>): boolean {
    if (this.#preparing === job) {
      // The server was asked nothing for this message: other messages may use the connection.
      this.#preparing = undefined
      job.fail(this.#notAttempted(job, { stage: 'compose', ...why }))
      this.fill()
      return true
    }
    const transaction = this.#underWay.find((each) => each.job === job)
    if (!transaction) return false
    // If other messages share its write, that write goes out. If it is alone, its write is dropped.
    const isAlone = this.#underWay.length === 1 && !this.#preparing
    if (!isAlone) this.session.link.flush()
    transaction.cancelled = true
    transaction.settle(why)
    this.#retiring = true
    this.#endIfStuck(why)
    this.#closeUnlessWanted()
    return true
  }

  stalled(job: Job): void {
    this.abandon(job, { kind: 'timeout', summary: 'the content did not come in time' })
  }

  contentWritten(): void {
    this.fill()
  }

  concluded(transaction: Transaction): void {
    const { job, exchange, leavesOpen } = transaction
    this.#underWay.splice(this.#underWay.indexOf(transaction), 1)
    this.#leftOpen = leavesOpen
    this.#completed++
    if (!this.#retiring) this.#extensions.concluded(transaction)
    this.#quietSince = performance.now()
    if (exchange.data?.code === 354) this.#unproven = []
    else if (exchange.isWritten) {
      this.#unproven.push({ job, exchange })
      if (this.#unproven.length > 2 * this.#settings.pool.window) this.#unproven.shift()
    }
    this.#endIfStuck()
    this.fill()
    this.#closeUnlessWanted()
  }

  stopped(): void {
    this.#retiring = true
    this.#endIfStuck()
  }

  /** Written messages may still be answered. Once none is left, the others need not wait. */
  closingAnnounced({ reply }: Answer): void {
    this.#retiring = true
    this.session.link.closing = reply
    this.#endIfStuck()
  }

  /**
   * The message before may still be open, so a message whose content was not written must stop. A written one gets its
   * answer.
   */
  resetRefused(answer: Answer, { exchange, mode: { eager } }: Transaction): void {
    this.#retiring = true
    const { link } = this.session
    const summary = `the server refused RSET: ${answer.text.slice(0, 200)}`
    // The server may not know RSET (RFC 5321 section 4.3.2).
    const isUnknown = [500, 502, 503, 504].includes(answer.code)
    if (eager && !isUnknown && answer.code !== 554)
      return link.fail({ kind: 'protocol', summary, lostCount: true })
    this.#host.mostResets = Math.max(this.#completed, 1)
    if (eager && !isUnknown) {
      // Exim says so after too many, and closes. From a server that goes on, it is the answer to something else.
      link.saidLast = true
      link.closing = answer.reply
    } else if (!exchange.isInDoubt) this.closingAnnounced(answer)
  }

  get #isDone(): boolean {
    if (this.#retiring || this.#begun >= this.#settings.pool.messagesPerConnection) return true
    return this.#isEager && this.#begun > this.#host.mostResets
  }

  #mayBegin(): boolean {
    if (this.#preparing || this.#isDone || this.session.link.ended) return false
    const underWay = this.#underWay.length
    if (underWay === 0) return true
    if (!this.#extensions.uses('PIPELINING') || !this.#underWay.at(-1)!.mayBeFollowed) return false
    if (this.#isEager) return underWay < this.#host.window
    // The next envelope goes out together with the end of this content.
    return underWay === 1
  }

  get #isEager(): boolean {
    return this.#extensions.hasTakenChunk && this.#wantsWindow
  }

  get #wantsWindow(): boolean {
    return (
      this.#host.window > 1 &&
      this.#extensions.uses('CHUNKING') &&
      this.#extensions.uses('PIPELINING') &&
      this.#settings.partial === 'deliver' &&
      this.#settings.protocol === 'smtp'
    )
  }

  #take(job: Job): void {
    if (job.settled) return
    const { message } = job
    const { capabilities, verified } = this.session
    if (message.envelope.smtputf8 && !capabilities.has('SMTPUTF8'))
      return this.#refuse(job, 'mail-from', 'smtputf8-required')
    // RFC 8689 section 4.2.1: without verification, REQUIRETLS would promise nothing.
    if (message.requireTlsOnward && !(verified && capabilities.has('REQUIRETLS')))
      return this.#refuse(job, 'mail-from', 'requiretls-not-offered')
    let content: Composed
    try {
      content = compose(message, {
        ...this.#settings.compose,
        eightBitMime: capabilities.has('8BITMIME'),
        reuseChunks: true,
        signal: isInMemory(message) ? undefined : job.reading,
      })
    } catch (error) {
      return job.failComposing(error, { transport: this.#host.transportName })
    }
    // A signer or transform may have aborted the send.
    if (job.settled) return
    if (content.smtputf8 && !capabilities.has('SMTPUTF8'))
      return this.#refuse(job, 'mail-from', 'smtputf8-required')
    const { maxSize } = capabilities
    if (maxSize !== undefined && content.size !== undefined && content.size > maxSize)
      return this.#refuse(job, 'mail-from', 'message-too-large')
    if (content.bytes) this.#begin(new Transaction(job, content, undefined, this.session, this.#mode, this))
    else void this.#prepare(job, content)
  }

  /** Opens the content first: MAIL must not be sent for content that cannot be read. */
  async #prepare(job: Job, content: Composed): Promise<void> {
    this.#preparing = job
    this.session.link.hold(true)
    // No reply is pending meanwhile, so no other time-out applies.
    const timer = setTimeout(() => this.stalled(job), this.#settings.timeouts.body)
    let opened: OpenedContent | undefined
    let failure: { readonly cause: unknown } | undefined
    try {
      opened = await openContent(content)
    } catch (cause) {
      failure = { cause }
    }
    clearTimeout(timer)
    // The caller may have given up meanwhile, or the connection may be lost.
    if (this.#preparing !== job) return discard(opened)
    this.#preparing = undefined
    if (failure) job.failComposing(failure.cause, { transport: this.#host.transportName })
    else this.#begin(new Transaction(job, content, opened, this.session, this.#mode, this))
    this.fill()
  }

  #begin(transaction: Transaction): void {
    const { link } = this.session
    link.hold(true)
    // While messages go out before their replies, it is unknown whether one is left open.
    const reset = this.#leftOpen || (this.#isEager && this.#begun > 0)
    this.#leftOpen = false
    this.#begun++
    this.#underWay.push(transaction)
    transaction.begin(reset)
  }

  get #mode(): Mode {
    const { protocol, partial, timeouts } = this.#settings
    return {
      protocol,
      transport: this.#host.transportName,
      allOrNone: partial === 'abort',
      pipelining: this.#extensions.uses('PIPELINING'),
      chunking: !this.#extensions.uses('CHUNKING') ? 'none' : this.#wantsWindow ? 'all' : 'large',
      firstChunk: !this.#extensions.hasTakenChunk,
      reused: this.#isUsed,
      eager: this.#isEager,
      contentMs: timeouts.body,
    }
  }

  /** Ends the connection if the server waits for content that never comes, once all earlier messages are answered. */
  #endIfStuck(why: Pick<LinkLoss, 'kind' | 'summary'> = { kind: 'aborted' }): void {
    const { link } = this.session
    const [oldest] = this.#underWay
    if (link.ended || !oldest) return
    const isTakenBack = !oldest.exchange.isWritten && this.#underWay.length === 1 && !this.#preparing
    if (oldest.cancelled && (!oldest.contentDone || isTakenBack)) link.fail(why)
    else if (link.closing && !this.#underWay.some(({ exchange }) => exchange.isInDoubt))
      link.fail({ kind: 'connection-lost' })
  }

  /** A connection that is to close waits only for messages that are not settled. */
  #closeUnlessWanted(): void {
    const { link } = this.session
    if (link.ended) return
    if (this.isIdle && this.#retiring) {
      link.quit()
      this.#host.gone(this)
    } else if (this.isUnwanted) {
      if (this.#closing) this.end()
      else link.hold(false)
    }
  }

  #lost({ stage, ...rest }: LinkLoss): void {
    // On an open connection, a TLS error is a lost connection.
    const loss = stage ? ({ ...rest, kind: 'connection-lost' } as const) : rest
    const transactions = this.#underWay.splice(0)
    const preparing = this.#preparing
    this.#preparing = undefined
    if (this.#host.window > 1 && loss.kind === 'protocol' && !this.#isQuiet(transactions))
      this.#host.lostCount()
    if (loss.lostCount) this.#takeBack(transactions, loss)
    for (const transaction of transactions) transaction.settle(loss)
    if (preparing) {
      const { kind, summary, cause, closing: reply } = loss
      const why = reply ? ({ kind: 'service-unavailable', reply } as const) : { kind, summary, cause }
      const error = this.#notAttempted(preparing, { stage: 'mail-from', ...why })
      if (this.#isUsed && this.#mayMove(preparing, loss)) {
        preparing.moved = true
        this.#move(preparing, error)
      } else preparing.fail(error)
    }
    this.#host.gone(this)
  }

  /** What the server says then cannot belong to a message. */
  #isQuiet(transactions: readonly Transaction[]): boolean {
    return transactions.length === 0 && this.idleMs > EXTRA_REPLY_MS
  }

  /** There were more replies than commands, so earlier replies to messages in chunks may belong to other messages. */
  #takeBack(transactions: readonly Transaction[], loss: LinkLoss): void {
    if (this.#isQuiet(transactions)) return
    for (const { exchange } of transactions) exchange.lostCount = !exchange.asksData
    const transport = this.#host.transportName
    const transcript = this.session.link.recorder.transcript()
    for (const { job, exchange } of this.#unproven) {
      exchange.lostCount = true
      const outcome = outcomeOf(exchange, loss, { transport, transcript })
      if (MailError.is(outcome)) job.takeBack(outcome)
    }
  }

  /** A server that closes a connection after or at the message before does not refuse this one. */
  #mayMove(job: Job, { kind }: LinkLoss): boolean {
    return kind === 'connection-lost' && !job.moved && !job.settled && job.message.replayable
  }

  #move(job: Job, error: MailError): void {
    job.failedOnce(error)
    this.#host.move(job)
  }

  /** A message failed here: it goes on elsewhere if nobody can have it and this connection is the cause. */
  failed(transaction: Transaction, error: MailError, loss: Loss | undefined): void {
    const { job, exchange, cancelled, mode } = transaction
    if (job.settled) return job.fail(error)
    const isSilent = cancelled && this.session.link.silentMs > SILENCE_MS
    const why = isSilent ? ({ kind: 'timeout' } as const) : cancelled ? undefined : loss
    const extension = this.#extensions.blame(transaction, why)
    if (extension) {
      this.#retiring = true
      const blamed = error.with({ hint: hintWithout(extension, error) })
      const goesOn = !cancelled && !exchange.mayBeDelivered && job.message.replayable
      if (!goesOn || job.without === extension) return job.fail(blamed)
      job.without = extension
      return this.#move(job, blamed)
    }
    if (cancelled) return job.fail(error)
    if (loss && mode.reused && exchange.isUntouched && this.#mayMove(job, loss)) {
      job.moved = true
      const isLimit = this.#completed > 0 && this.idleMs < EXTRA_REPLY_MS
      return this.#move(job, isLimit ? error.with({ hint: this.#hintAfterLimit }) : error)
    }
    if (job.without) this.#extensions.failedWithout(job.without, transaction, loss)
    job.fail(error)
  }

  get #hintAfterLimit(): string {
    const messages = this.#completed === 1 ? '1 message' : `${this.#completed} messages`
    return `The server closed the connection after ${messages}. If it always does, set \`pool.messagesPerConnection\` to ${this.#completed}.`
  }

  isRefusedAtFirst(transaction: Transaction): boolean {
    return this.#underWay.length === 1 && this.#extensions.refusesTogether(transaction)
  }

  #refuse(job: Job, stage: Stage, kind: Kind): void {
    job.fail(this.#notAttempted(job, { stage, kind }))
  }

  #notAttempted(
    job: Job,
    why: Pick<MailErrorInit, 'stage' | 'kind' | 'summary' | 'reply' | 'cause'>,
  ): MailError {
    const { transportName: transport } = this.#host
    const transcript = this.session.link.recorder.transcript()
    return failAll(job.message, 'not-attempted', {
      ...why,
      transport,
      transcript,
      situation: this.session.situation,
    })
  }
}
