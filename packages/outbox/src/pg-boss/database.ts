import { PgBoss, type Db } from 'pg-boss'
import { setTimeout as pause } from 'node:timers/promises'
import { databaseError, isConflict, isLost, tablesRefused } from './database-error.ts'
import { migrate } from './schema.ts'
import { closedError } from '../store/storage-error.ts'
import type { Executor } from './executor.ts'
import type { Settings } from './options.ts'

/** How long a change whose outcome is unknown is tried again, in ms. A restart of PostgreSQL takes a few seconds. */
const SETTLES_WITHIN_MS = 15_000
const MOST_CONFLICTS = 10
const TEN_YEARS_S = 315_360_000
const LONGEST_EXPIRATION_S = 86_400
const ANY_NUMBER = 2_147_483_647

interface Open {
  readonly boss: PgBoss
  readonly db: Executor
  /** Whether the server would confirm a commit before it is on disk. */
  readonly isLax: boolean
}

/** The connection was lost while a transaction was committed: nobody knows whether it is. */
class CommitLost extends Error {}

/** PostgreSQL with pg-boss, opened when it is used first. */
export class Database {
  readonly settings: Settings
  /** Called when there may be work. */
  readonly #announce: () => void
  #opening: Promise<Open> | undefined
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
   * Statements in one transaction that must not get lost with the connection. They are run again for some time: if nobody knows
   * whether they were committed, and with `retriesAll` whenever the connection was lost.
   *
   * @param work its last parameter says whether an earlier run may have been committed
   */
  settled<Result>(
    work: (db: Db, boss: PgBoss, isAgain: boolean) => Promise<Result>,
    retriesAll: boolean,
  ): Promise<Result> {
    const deadline = performance.now() + SETTLES_WITHIN_MS
    let isAgain = false
    return this.#translated(
      async () => {
        for (let waitMs = 20; ; waitMs = Math.min(waitMs * 2, 500)) {
          try {
            return await this.#transact((db, boss) => work(db, boss, isAgain))
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
    await open?.boss.stop({ timeout: 1_000 })
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

  #open(): Promise<Open> {
    this.#opening ??= this.#start().catch((error: unknown) => {
      this.#opening = undefined
      throw error
    })
    return this.#opening
  }

  async #start(): Promise<Open> {
    const { boss: options, schema, migrates } = this.settings
    const boss = new PgBoss(options)
    boss.on('error', (error) => this.#warn(error.message))
    boss.on('warning', ({ message }) => this.#warn(message))
    const db = boss.getDb() as Executor
    const announce = this.#announce
    const listen = db.listen?.bind(db)
    if (listen)
      // pg-boss listens, and comes back after a lost connection. Hear along.
      db.listen = (channel, onNotification, onReconnect) =>
        listen(
          channel,
          (payload) => {
            onNotification(payload)
            if (payload === schema) announce()
          },
          () => {
            this.#isListening = true
            onReconnect()
            announce()
          },
        )
    try {
      await boss.start()
      if (migrates) await transact(db, (tx) => migrate(tx, schema, this.settings.name))
      if (!(await boss.getQueue(schema)))
        await boss.createQueue(schema, {
          notify: true,
          // Our row says when an entry is given up. A job lives as long as its entry waits.
          retryLimit: ANY_NUMBER,
          expireInSeconds: LONGEST_EXPIRATION_S,
          retentionSeconds: TEN_YEARS_S,
        })
      const [row] = await rowsOf<{ value: string }>(
        db,
        "SELECT current_setting('synchronous_commit') AS value",
      )
      this.#wasOpen = true
      return { boss, db, isLax: row?.value === 'off' }
    } catch (error) {
      // If the server still answers, it is pg-boss that refuses its tables: with an error that has no code.
      const isRefused = !migrates && isLost(error) && (await answers(boss))
      await boss.stop({ graceful: false }).catch(() => {})
      throw isRefused ? tablesRefused(this.settings.name, error) : error
    }
  }

  async #transact<Result>(work: (db: Db, boss: PgBoss) => Promise<Result>): Promise<Result> {
    for (let conflicts = 0; ; conflicts++) {
      try {
        return await this.#once(work)
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
    const shown = this.settings.secrets.reduce((text, secret) => text.replaceAll(secret, '***'), words)
    process.emitWarning(`${this.settings.name}: ${shown}`, 'LoudmailWarning')
  }
}

function answers(boss: PgBoss): Promise<boolean> {
  return boss.isInstalled().then(
    () => true,
    () => false,
  )
}

async function transact<Result>(db: Executor, work: (tx: Db) => Promise<Result>): Promise<Result> {
  const transaction = await db.beginTransaction()
  let result: Result
  try {
    result = await work(transaction.db)
  } catch (error) {
    await transaction.rollback()
    throw error
  }
  try {
    await transaction.commit()
  } catch (error) {
    throw isLost(error) ? new CommitLost('', { cause: error }) : error
  }
  return result
}

/** The rows of a statement. */
export async function rowsOf<Row>(db: Db, text: string, values: unknown[] = []): Promise<Row[]> {
  const { rows } = await db.executeSql(text, values)
  return rows as Row[]
}

/** An error of the caller's own code, which passes through as it is. */
export class OwnError extends Error {
  constructor(cause: unknown) {
    super('', { cause })
  }
}
