import type { TransportHealth } from '@loudmail/core'
import { diagnoseAbort, failAll, RecentResults, type MailErrorInit } from '@loudmail/core/transport'
import type { Account } from '../opening/account.ts'
import { handshake } from '../opening/handshake.ts'
import { openingError } from '../opening/opening-error.ts'
import { Opening } from '../opening/opening.ts'
import { OpeningFailure } from '../opening/opening-failure.ts'
import type { Settings } from '../options.ts'
import { Connection, type ConnectionHost } from './connection.ts'
import { JobQueue } from './job-queue.ts'
import type { Job } from './job.ts'
import { Trust } from './trust.ts'

/** After a connection failed to open while others work, no new one is tried for this time, in ms. */
const PAUSE_MS = 5_000

/** The connections of one transport, and the messages that wait for them. */
export class Pool implements ConnectionHost {
  readonly transportName: string
  window: number
  mostResets = Infinity
  readonly looking = new Set<Connection>()
  readonly trust: Trust
  readonly #settings: Settings
  readonly #account: Account
  readonly #waiting = new JobQueue()
  readonly #connections = new Set<Connection>()
  readonly #idle = new Map<Connection, NodeJS.Timeout>()
  /** Each with the number of messages submitted when it began. It is for those of them that still wait. */
  readonly #openings = new Map<Opening, number>()
  /** How the last openings ended. */
  readonly #opened = new RecentResults()
  #pausedUntil = 0
  #pause: NodeJS.Timeout | undefined
  #closing: Promise<void> | undefined
  #drained: (() => void) | undefined

  constructor(settings: Settings, account: Account, transportName: string) {
    this.#settings = settings
    this.#account = account
    this.transportName = transportName
    this.window = settings.pool.window
    this.trust = new Trust(settings)
  }

  get isClosed(): boolean {
    return this.#closing !== undefined
  }

  /** It is down if connections cannot be opened and none is left. */
  get health(): Omit<TransportHealth, 'transport'> {
    const { state = 'up', lastFailure } = this.#opened
    const connections = [...this.#connections]
    const idle = this.#idle.size
    return {
      state: state === 'down' && connections.length > 0 ? 'degraded' : state,
      lastFailure,
      waiting: this.#waiting.size,
      sending: connections.reduce((count, { sending }) => count + sending, 0),
      connections: { opening: this.#openings.size, busy: connections.length - idle, idle },
    }
  }

  submit(job: Job): void {
    this.#waiting.push(job)
    this.#serve()
  }

  /** Ends a message for its caller, wherever it is. */
  readonly abandon = (job: Job): void => {
    const why = diagnoseAbort(job.context.signal)
    for (const connection of this.#connections) if (connection.abandon(job, why)) return
    // If there is no connection yet, the message waited for one that is being opened.
    const opening = this.#connections.size === 0 ? this.#openingFor(job) : undefined
    this.#waiting.drop(job)
    const transcript = opening?.recorder?.transcript()
    this.#refuse(job, {
      stage: opening?.stage ?? 'queue',
      ...why,
      transcript,
      situation: opening?.situation,
    })
    this.#endUnwantedOpenings()
    this.#serve()
  }

  /** Waits for the messages that are being sent, and refuses those that wait. */
  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      this.#drained = resolve
      // Each connection that is being opened is for one message, which counts as being sent.
      const served = this.#wantedOpenings + this.looking.size
      for (const job of this.#waiting.take((_, position) => position >= served))
        this.#refuse(job, { stage: 'queue', kind: 'pool-closed' })
      for (const connection of this.#connections) if (!this.looking.has(connection)) connection.close()
      this.#endUnwantedOpenings()
      this.#checkDrained()
    })
    return this.#closing
  }

  next(fresh: boolean): Job | undefined {
    const job = this.#waiting.shift(fresh)
    if (this.#waiting.size === 0) for (const opening of this.#openings.keys()) opening.hold(false)
    return job
  }

  move(job: Job): void {
    this.#waiting.pushMoved(job)
    // The connection that it leaves may be gone by then, which makes room.
    queueMicrotask(() => this.#serve())
  }

  idle(connection: Connection): void {
    if (this.#closing && this.#waiting.size === 0) return connection.close()
    connection.session.link.hold(false)
    clearTimeout(this.#idle.get(connection))
    this.#idle.set(connection, setTimeout(() => connection.close(), this.#settings.pool.idleMs).unref())
  }

  gone(connection: Connection): void {
    if (!this.#connections.delete(connection)) return
    this.looking.delete(connection)
    clearTimeout(this.#idle.get(connection))
    this.#idle.delete(connection)
    this.#serve()
    this.#checkDrained()
  }

  lostCount(): void {
    this.window = 1
  }

  #serve(): void {
    if (this.#waiting.size === 0) return
    for (const [connection, timer] of this.#idle) {
      if (this.#waiting.sizeForAny <= this.looking.size) break
      clearTimeout(timer)
      this.#idle.delete(connection)
      // The timer is late in a program that was busy.
      if (connection.idleMs > this.#settings.pool.idleMs) connection.close()
      else connection.fill()
    }
    // Each connection that is being opened will take at least one message, also one whose own messages were served by others.
    if (this.#waiting.size > 0) for (const opening of this.#openings.keys()) opening.hold(true)
    while (this.#waiting.size > this.#openings.size + this.looking.size && this.#mayOpen()) void this.#open()
    if (this.#waiting.sizeForAny > 0)
      for (const connection of this.#connections) if (!this.#idle.has(connection)) connection.fill()
  }

  get #isFull(): boolean {
    return this.#connections.size + this.#openings.size >= this.#settings.pool.connections
  }

  get #wantedOpenings(): number {
    let wanted = 0
    for (const submitted of this.#openings.values()) if (this.#waiting.hasWaitedSince(submitted)) wanted++
    return wanted
  }

  #mayOpen(): boolean {
    const now = performance.now()
    if (now < this.#pausedUntil && [...this.#connections].some(({ isUnwanted }) => !isUnwanted)) {
      this.#pause ??= setTimeout(this.#onPauseOver, this.#pausedUntil - now + 1).unref()
      this.#waiting.releaseMoved()
      return false
    }
    // A connection that nobody waits for any more makes room.
    if (this.#isFull) [...this.#connections].find(({ isUnwanted }) => isUnwanted)?.end()
    return !this.#isFull
  }

  readonly #onPauseOver = (): void => {
    this.#pause = undefined
    this.#serve()
  }

  async #open(): Promise<void> {
    const opening = new Opening()
    this.#openings.set(opening, this.#waiting.submitted)
    try {
      const session = await handshake(this.#settings, this.#account, opening)
      if (!this.#openings.delete(opening)) return session.link.quit()
      this.#opened.add()
      const connection = new Connection(session, this.#settings, this)
      this.#connections.add(connection)
      connection.fill()
      if (this.#closing) connection.close()
      else this.#serve()
    } catch (error) {
      this.#openFailed(opening, error)
    }
    this.#checkDrained()
  }

  /** If other connections work, the messages wait for them. Otherwise the messages fail that this one was opened for. */
  #openFailed(opening: Opening, error: unknown): void {
    const submitted = this.#openings.get(opening)
    if (submitted === undefined) return
    this.#openings.delete(opening)
    this.#opened.add(openingError(error, opening, this.transportName))
    this.#pausedUntil = performance.now() + PAUSE_MS
    this.#waiting.releaseMoved()
    if (this.#connections.size > 0) return this.#serve()
    if (this.#wantedOpenings > 0) return
    const init =
      error instanceof OpeningFailure
        ? error.init
        : ({ stage: 'connect', kind: 'unexpected', cause: error } as const)
    const { situation, recorder } = opening
    const transcript = recorder?.transcript()
    for (const job of this.#waiting.take(({ waitsSince }) => waitsSince <= submitted))
      this.#refuse(job, { ...init, redact: recorder?.redact, transcript, situation })
    this.#serve()
  }

  #openingFor({ waitsSince }: Job): Opening | undefined {
    for (const [opening, submitted] of this.#openings) if (waitsSince <= submitted) return opening
    return undefined
  }

  /** Ends openings whose messages are all settled. */
  #endUnwantedOpenings(): void {
    for (const [opening, submitted] of this.#openings) {
      if (this.#waiting.hasWaitedSince(submitted)) continue
      this.#openings.delete(opening)
      opening.end()
    }
    this.#checkDrained()
  }

  #refuse(
    job: Job,
    init: Pick<MailErrorInit, 'stage' | 'kind' | 'summary' | 'transcript' | 'redact' | 'situation'>,
  ): void {
    if (!job.settled)
      job.fail(failAll(job.message, 'not-attempted', { ...init, transport: this.transportName }))
  }

  #checkDrained(): void {
    if (this.#connections.size > 0 || this.#openings.size > 0) return
    clearTimeout(this.#pause)
    this.#pause = undefined
    this.#drained?.()
  }
}
