import { redactor, thrownInWords } from '@loudmail/core/transport'
import type { Db, PgBoss } from 'pg-boss'
import { setTimeout as pause } from 'node:timers/promises'
import { databaseError, isConflict, isLost } from './database-error.ts'
import { closedError } from '../store/storage-error.ts'
import { openBoss, stopBoss, type OpenBoss } from './open-boss.ts'
import type { Settings } from './options.ts'
import { CommitLost, OwnError, rowsOf, transact } from './transaction.ts'

/** How long a change whose outcome is unknown is tried again, in ms. A restart of PostgreSQL takes a few seconds. */
const SETTLES_WITHIN_MS = 15_000
const MOST_CONFLICTS = 10

type Work<Result> = (db: Db, boss: PgBoss, isAgain: boolean) => Promise<Result>

/** PostgreSQL with pg-boss, opened when it is used first. */
export class Database {
  readonly settings: Settings
  /** Called when there may be work. */
  readonly #announce: () => void
  #opening: Promise<OpenBoss> | undefined
  #closing: Promise<void> | undefined
  readonly #underWay = new Set<Promise<unknown>>()
  readonly #warned = new Map<string, number>()
  /** Whether new entries are heard of, those of this process included. */
  #isListening = false
  #poll: NodeJS.Timeout | undefined
  #wasOpen = false

  constructor(settings: Settings, announce: () => void) {
    this.settings = settings
    this.#announce = announce
  }

  get isClosed(): boolean {
    return this.#closing !== undefined
  }

  /** The name of the queue, and of the schema with our tables. */
  get schema(): string {
    return this.settings.schema
  }

  /** Does something that `close()` waits for, and that is refused after `close()`. */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#closing) throw closedError(this.settings.name)
    const done = work()
    this.#underWay.add(done)
    try {
      return await done
    } finally {
      this.#underWay.delete(done)
    }
  }

  /** Opens it, and brings its tables to this version. */
  async open(): Promise<void> {
    await this.#translated(() => this.#open())
  }

  /** One statement, in a transaction of its own. It can be run twice. */
  query<Row>(text: string, values: unknown[] = []): Promise<Row[]> {
    return this.#translated(async () => {
      const { db } = await this.#open()
      return rowsOf<Row>(db, text, values)
    })
  }

  /** Statements in one transaction. It is run again after a conflict with another one. */
  transaction<Result>(work: (db: Db, boss: PgBoss) => Promise<Result>): Promise<Result> {
    return this.#translated(() => this.#transact(work))
  }

  /** Statements in a transaction of the caller. */
  joined<Result>(work: (boss: PgBoss) => Promise<Result>): Promise<Result> {
    return this.#translated(async () => work((await this.#open()).boss))
  }

  /**
   * Statements in one transaction that must not get lost with the connection: if nobody knows whether they were committed, they
   * are run again for some time.
   *
   * @param work its last parameter says whether an earlier run may have been committed
   */
  settled<Result>(work: Work<Result>): Promise<Result> {
    return this.#settled(false, (isAgain) => this.#transact((db, boss) => work(db, boss, isAgain)))
  }

  /** The same, and they are run again whenever the connection was lost. */
  recorded<Result>(work: Work<Result>): Promise<Result> {
    return this.#settled(true, (isAgain) => this.#transact((db, boss) => work(db, boss, isAgain)))
  }

  /** The same for one statement, which needs no transaction around it. */
  recordedAtOnce<Result>(work: Work<Result>): Promise<Result> {
    return this.#settled(true, (isAgain) =>
      this.#retried(async () => {
        const { boss, db, isLax } = await this.#open()
        if (isLax) return this.#once((tx) => work(tx, boss, isAgain))
        try {
          return await work(db, boss, isAgain)
        } catch (error) {
          throw isLost(error) ? new CommitLost(error) : error
        }
      }),
    )
  }

  #settled<Result>(retriesAll: boolean, work: (isAgain: boolean) => Promise<Result>): Promise<Result> {
    const deadline = performance.now() + SETTLES_WITHIN_MS
    let isAgain = false
    return this.#translated(
      async () => {
        for (let waitMs = 20; ; waitMs = Math.min(waitMs * 2, 500)) {
          try {
            return await work(isAgain)
          } catch (error) {
            isAgain ||= error instanceof CommitLost
            const mayPass = isLost(error) && (isAgain || (retriesAll && this.#wasOpen))
            if (!mayPass || this.#closing || performance.now() > deadline) throw error
            await pause(waitMs)
          }
        }
      },
      () => isAgain,
    )
  }

  /** From now on, listeners are told of new entries. Whoever leases is told if it cannot be opened. */
  listen(): void {
    if (this.#closing) return
    this.#poll ??= setInterval(() => this.announceHere(), this.settings.pollMs).unref()
    this.run(() => this.open()).catch(() => {})
  }

  /** Tells the listeners of this process that there may be work, unless they hear of it anyway. */
  announceHere(): void {
    if (!this.#isListening) setImmediate(this.#announce)
  }

  async close(): Promise<void> {
    await (this.#closing ??= this.#close())
  }

  async #close(): Promise<void> {
    await Promise.allSettled(this.#underWay)
    clearInterval(this.#poll)
    const open = await this.#opening?.catch(() => undefined)
    if (open) await stopBoss(open.boss)
  }

  /** Every failure of the database becomes a MailError. */
  async #translated<Result>(work: () => Promise<Result>, isUnknown?: () => boolean): Promise<Result> {
    try {
      return await work()
    } catch (error) {
      if (error instanceof OwnError) throw error.cause
      const wasCommitting = error instanceof CommitLost
      throw databaseError(
        this.settings.name,
        wasCommitting ? error.cause : error,
        wasCommitting || isUnknown?.(),
      )
    }
  }

  #open(): Promise<OpenBoss> {
    this.#opening ??= this.#start().catch((error: unknown) => {
      this.#opening = undefined
      throw error
    })
    return this.#opening
  }

  async #start(): Promise<OpenBoss> {
    const open = await openBoss(this.settings, {
      work: this.#announce,
      listening: () => (this.#isListening = true),
      warning: (words) => this.#warn(words),
    })
    this.#wasOpen = true
    return open
  }

  #transact<Result>(work: (db: Db, boss: PgBoss) => Promise<Result>): Promise<Result> {
    return this.#retried(() => this.#once(work))
  }

  async #retried<Result>(work: () => Promise<Result>): Promise<Result> {
    for (let conflicts = 0; ; conflicts++) {
      try {
        return await work()
      } catch (error) {
        if (!isConflict(error) || conflicts === MOST_CONFLICTS) throw error
      }
    }
  }

  async #once<Result>(work: (db: Db, boss: PgBoss) => Promise<Result>): Promise<Result> {
    const { boss, db, isLax } = await this.#open()
    return transact(db, async (tx) => {
      if (isLax) await tx.executeSql('SET LOCAL synchronous_commit = on')
      return work(tx, boss)
    })
  }

  /** Tells of what pg-boss does in the background: each thing once a minute. */
  #warn(words: string): void {
    if (this.#closing) return
    const now = performance.now()
    if (now - (this.#warned.get(words) ?? -Infinity) < 60_000) return
    this.#warned.set(words, now)
    const shown = thrownInWords(redactor(this.settings.secrets)(words))
    process.emitWarning(`${this.settings.name}: ${shown}`, 'LoudmailWarning')
  }
}
