import { abortLoss } from '../abort-kind.ts'
import { failAll, type MailErrorInit } from '@loudmail/core/transport'
import { Connection, type ConnectionHost } from './connection.ts'
import { HandshakeFailure } from '../opening/handshake-failure.ts'
import { handshake, type Progress } from '../opening/handshake.ts'
import type { Job } from './job.ts'
import { JobQueue } from './job-queue.ts'
import type { Settings } from '../options.ts'

/** How long no further connection is tried for after one failed while others serve, in ms. */
const PAUSE_MS = 5_000

/** The connections of one transport, and the messages that wait for them. */
export class Pool implements ConnectionHost {
  readonly transportName: string
  window: number
  mostResets = Infinity
  readonly #settings: Settings
  readonly #waiting = new JobQueue()
  readonly #connections = new Set<Connection>()
  readonly #idle = new Map<Connection, NodeJS.Timeout>()
  readonly #opening = new Set<Progress>()
  #pausedUntil = 0
  #closing: Promise<void> | undefined
  #drained: (() => void) | undefined

  constructor(settings: Settings, transportName: string) {
    this.#settings = settings
    this.transportName = transportName
    this.window = settings.pool.window
  }

  get isClosed(): boolean {
    return this.#closing !== undefined
  }

  submit(job: Job): void {
    this.#waiting.push(job)
    this.#serve()
  }

  /** Ends a message for its caller, wherever it is. */
  readonly abandon = (job: Job): void => {
    const loss = abortLoss(job.context.signal)
    for (const connection of this.#connections) if (connection.abandon(job, loss)) return
    // With no connection yet it was that of opening one that took too long.
    const [opening] = this.#connections.size === 0 ? this.#opening : []
    this.#refuse(job, {
      stage: opening?.stage ?? 'queue',
      ...loss,
      transcript: opening?.recorder?.transcript(),
    })
  }

  /** Lets what is under way finish; what waits is refused. */
  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      this.#drained = resolve
      // A connection that is being opened was asked for by a message, which is under way with it.
      for (const job of this.#waiting.takeAfter(this.#opening.size))
        this.#refuse(job, { stage: 'queue', kind: 'pool-closed' })
      for (const connection of this.#connections) connection.close()
      if (this.#waiting.isEmpty) for (const progress of this.#opening) progress.stop?.()
      this.#checkDrained()
    })
    return this.#closing
  }

  next(): Job | undefined {
    return this.#waiting.shift()
  }

  putBack(job: Job): void {
    this.#waiting.unshift(job)
    this.#serve()
  }

  idle(connection: Connection): void {
    if (this.#closing && this.#waiting.size === 0) return connection.close()
    connection.session.link.hold(false)
    clearTimeout(this.#idle.get(connection))
    this.#idle.set(connection, setTimeout(() => connection.close(), this.#settings.pool.idleMs).unref())
  }

  gone(connection: Connection): void {
    if (!this.#connections.delete(connection)) return
    clearTimeout(this.#idle.get(connection))
    this.#idle.delete(connection)
    this.#serve()
    this.#checkDrained()
  }

  lostCount(): void {
    this.window = 1
  }

  #serve(): void {
    for (const [connection, timer] of this.#idle) {
      if (this.#waiting.size === 0) return
      clearTimeout(timer)
      this.#idle.delete(connection)
      connection.fill()
    }
    // Each connection that is being opened will take at least one.
    while (this.#waiting.size > this.#opening.size && this.#mayOpen()) void this.#open()
    if (this.#waiting.size > 0) for (const connection of this.#connections) connection.fill()
  }

  #mayOpen(): boolean {
    const { connections } = this.#settings.pool
    if (this.#connections.size + this.#opening.size >= connections) return false
    return this.#connections.size === 0 || performance.now() >= this.#pausedUntil
  }

  async #open(): Promise<void> {
    const progress: Progress = { stage: 'connect', recorder: undefined }
    this.#opening.add(progress)
    try {
      const session = await handshake(this.#settings, progress)
      this.#opening.delete(progress)
      const connection = new Connection(session, this.#settings, this)
      this.#connections.add(connection)
      connection.fill()
      if (this.#closing) connection.close()
    } catch (error) {
      this.#opening.delete(progress)
      this.#openFailed(progress, error)
    }
    this.#checkDrained()
  }

  /** Where other connections serve, the messages wait for them; otherwise all that wait fail with what was learnt. */
  #openFailed({ recorder }: Progress, error: unknown): void {
    this.#pausedUntil = performance.now() + PAUSE_MS
    if (this.#connections.size > 0 || this.#opening.size > 0) return
    const init =
      error instanceof HandshakeFailure
        ? error.init
        : ({ stage: 'connect', kind: 'unexpected', cause: error } as const)
    const transcript = recorder?.transcript()
    for (const job of this.#waiting.takeAfter(0))
      this.#refuse(job, { ...init, redact: recorder?.redact, transcript })
  }

  #refuse(job: Job, init: Pick<MailErrorInit, 'stage' | 'kind' | 'summary' | 'transcript' | 'redact'>): void {
    if (!job.settled)
      job.fail(failAll(job.message, 'not-attempted', { ...init, transport: this.transportName }))
  }

  #checkDrained(): void {
    if (this.#connections.size === 0 && this.#opening.size === 0) this.#drained?.()
  }
}
