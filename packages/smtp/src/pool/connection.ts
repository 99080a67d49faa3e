import { MailError, type Kind, type Stage } from '@loudmail/core'
import { failAll, type MailErrorInit } from '@loudmail/core/transport'
import { compose, type Composed } from '@loudmail/mime'
import type { Session } from '../opening/handshake.ts'
import type { Job } from './job.ts'
import type { Loss } from '../conversation/link.ts'
import type { Settings } from '../options.ts'
import { discard, openContent, type OpenedContent } from '../conversation/content-writer.ts'
import { Transaction, type Manner, type TransactionHost } from '../conversation/transaction.ts'

/** Where a connection gets its work, and what it reports. */
export interface ConnectionHost {
  /** The message that waits longest. */
  next(): Job | undefined
  /** A message that this connection could not begin goes to another, before all others. */
  putBack(job: Job): void
  /** Nothing is under way. */
  idle(connection: Connection): void
  gone(connection: Connection): void
  /** How many messages may be under way on one connection; 1 once the server lost count. */
  readonly window: number
  /** The server broke the protocol with several messages under way. */
  lostCount(): void
  /** How many RSET the server takes on one connection, once it refused one. */
  mostResets: number
  readonly transportName: string
}

/** One connection that is ready for messages: a queue of transactions, in the order their replies are owed. */
export class Connection implements TransactionHost {
  readonly session: Session
  readonly #settings: Settings
  readonly #host: ConnectionHost
  readonly #underWay: Transaction[] = []
  /** The message whose content is being opened. */
  #preparing: Job | undefined
  #filling = false
  #leftOpen = false
  #begun = 0
  #completed = 0
  #retiring = false

  constructor(session: Session, settings: Settings, host: ConnectionHost) {
    this.session = session
    this.#settings = settings
    this.#host = host
    session.link.onLost = (loss) => this.#lost(loss)
  }

  get isIdle(): boolean {
    return this.#underWay.length === 0 && this.#preparing === undefined
  }

  /** Begins as many waiting messages as may be under way. */
  fill(): void {
    // Concluding one message begins the next: that must not nest.
    if (this.#filling) return
    this.#filling = true
    while (this.#mayBegin()) {
      const job = this.#host.next()
      if (!job) break
      this.#take(job)
    }
    this.#filling = false
    if (!this.isIdle || this.session.link.ended) return
    if (this.#isDone) this.close()
    else this.#host.idle(this)
  }

  /** Takes no more messages, and closes when nothing is under way. */
  close(): void {
    this.#retiring = true
    if (!this.isIdle || this.session.link.ended) return
    this.session.link.quit()
    this.#host.gone(this)
  }

  /** The caller of a message gave up: it is settled as it stands, and nothing changes for the others. */
  abandon(job: Job, loss: Pick<Loss, 'kind' | 'summary'>): boolean {
    if (this.#preparing === job) {
      // Its content does not come, and nothing was asked of the server: others may have the connection.
      this.#preparing = undefined
      job.fail(this.#notAttempted(job, { stage: 'compose', ...loss }))
      this.fill()
      return true
    }
    const transaction = this.#underWay.find((each) => each.job === job)
    if (!transaction) return false
    // For the sake of the others what was put together goes out: then it must not be told as unsent.
    if (this.#underWay.length > 1) this.session.link.flush()
    transaction.settle({ ...loss, stage: transaction.oldest })
    transaction.cancelled = true
    this.#retiring = true
    // Once it was handed over, the server's answer is still worth reading.
    if (this.#underWay.length === 1 && !this.#preparing && !transaction.handedOver)
      this.session.link.fail(loss)
    return true
  }

  contentWritten(): void {
    this.fill()
  }

  concluded(transaction: Transaction): void {
    this.#underWay.splice(this.#underWay.indexOf(transaction), 1)
    this.#leftOpen = transaction.leavesOpen
    this.#completed++
    this.fill()
  }

  get #isDone(): boolean {
    if (this.#retiring || this.#begun >= this.#settings.pool.messagesPerConnection) return true
    return this.#isEager && this.#begun > this.#host.mostResets
  }

  #mayBegin(): boolean {
    if (this.#preparing || this.#isDone || this.session.link.ended) return false
    const { capabilities } = this.session
    const underWay = this.#underWay.length
    if (underWay === 0) return true
    if (!capabilities.has('PIPELINING') || !this.#underWay.at(-1)!.mayBeFollowed) return false
    if (this.#isEager) return underWay < this.#host.window
    // The next envelope goes out with the end of this content.
    return underWay === 1
  }

  get #isEager(): boolean {
    const { capabilities } = this.session
    return (
      this.#host.window > 1 &&
      capabilities.has('CHUNKING') &&
      capabilities.has('PIPELINING') &&
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
    // RFC 8689 section 4.2.1: over a connection that is not verified it would be no promise.
    if (message.requireTlsOnward && !(verified && capabilities.has('REQUIRETLS')))
      return this.#refuse(job, 'mail-from', 'requiretls-not-offered')
    let content: Composed
    try {
      content = compose(message, {
        ...this.#settings.compose,
        eightBitMime: capabilities.has('8BITMIME'),
        reuseChunks: true,
      })
    } catch (error) {
      return this.#composeFailed(job, error)
    }
    // What composes may have ended it.
    if (job.settled) return
    if (content.smtputf8 && !capabilities.has('SMTPUTF8'))
      return this.#refuse(job, 'mail-from', 'smtputf8-required')
    const { maxSize } = capabilities
    if (maxSize !== undefined && content.size !== undefined && content.size > maxSize)
      return this.#refuse(job, 'mail-from', 'message-too-large')
    if (content.bytes) this.#begin(new Transaction(job, content, undefined, this.session, this.#manner, this))
    else void this.#prepare(job, content)
  }

  /** Opens the content first: what cannot be read must not be asked for. */
  async #prepare(job: Job, content: Composed): Promise<void> {
    this.#preparing = job
    this.session.link.hold(true)
    // Nothing is owed by the server meanwhile: no other time-out would end it.
    const timer = setTimeout(
      () => this.abandon(job, { kind: 'timeout', summary: 'the content did not come in time' }),
      this.#settings.timeouts.body,
    )
    let opened: OpenedContent | undefined
    let failure: { readonly cause: unknown } | undefined
    try {
      opened = await openContent(content)
    } catch (cause) {
      failure = { cause }
    }
    clearTimeout(timer)
    // Meanwhile its caller may have given up, or the connection may be lost.
    if (this.#preparing !== job) return discard(opened)
    this.#preparing = undefined
    if (failure) this.#composeFailed(job, failure.cause)
    else this.#begin(new Transaction(job, content, opened, this.session, this.#manner, this))
    this.fill()
  }

  #begin(transaction: Transaction): void {
    const { link } = this.session
    link.hold(true)
    // With several messages ahead of their replies nobody knows whether one is left open.
    const reset = this.#leftOpen || (this.#isEager && this.#begun > 0)
    this.#leftOpen = false
    this.#begun++
    this.#underWay.push(transaction)
    transaction.begin(reset)
  }

  get #manner(): Manner {
    const { protocol, partial } = this.#settings
    return {
      protocol,
      transport: this.#host.transportName,
      allOrNone: partial === 'abort',
      eager: this.#isEager,
    }
  }

  #composeFailed(job: Job, cause: unknown): void {
    const error = MailError.is(cause)
      ? cause
      : new MailError({ stage: 'compose', kind: 'unexpected', delivered: 'none', cause })
    const recipients = job.message.envelope.to.map(
      (address) => ({ address, status: 'not-attempted' }) as const,
    )
    const { permanence } = error
    job.fail(
      error.with({
        recipients,
        permanence,
        messageId: job.message.messageId,
        replayable: job.message.replayable,
        transport: this.#host.transportName,
      }),
    )
  }

  #lost(loss: Loss): void {
    const transactions = this.#underWay.splice(0)
    const preparing = this.#preparing
    this.#preparing = undefined
    if (this.#host.window > 1 && loss.kind === 'protocol') this.#host.lostCount()
    if (loss.closing?.command === 'RSET') this.#host.mostResets = Math.max(this.#completed, 1)
    for (const transaction of transactions) {
      const { job } = transaction
      if (transaction.isUntouched(loss) && this.#mayMove(job, loss))
        this.#move(job, transaction.outcome(loss))
      else transaction.settle(loss)
    }
    if (preparing) {
      const { kind, summary, cause, closing: reply } = loss
      const why = reply ? ({ kind: 'service-unavailable', reply } as const) : { kind, summary, cause }
      const error = this.#notAttempted(preparing, { stage: 'mail-from', ...why })
      if (this.#mayMove(preparing, loss)) this.#move(preparing, error)
      else preparing.fail(error)
    }
    this.#host.gone(this)
  }

  /** A connection that served before may have been closed by the server meanwhile: that is no failure of the message. */
  #mayMove(job: Job, { kind }: Loss): boolean {
    const isStale = this.#completed > 0 && kind === 'connection-lost'
    return isStale && !job.moved && !job.settled && job.message.replayable
  }

  #move(job: Job, outcome: unknown): void {
    if (MailError.is(outcome)) job.failedOnce(outcome)
    this.#host.putBack(job)
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
    return failAll(job.message, 'not-attempted', { ...why, transport, transcript })
  }
}
