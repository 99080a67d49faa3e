import { Socket } from 'node:net'
import { PgBoss } from 'pg-boss'
import { migrate } from './schema.ts'
import { tablesMissing } from './database-error.ts'
import type { Executor } from './executor.ts'
import type { Settings } from './options.ts'
import { rowsOf, transact } from './transaction.ts'

const TEN_YEARS_S = 315_360_000
const LONGEST_EXPIRATION_S = 86_400
const ANY_NUMBER = 2_147_483_647

/** A pg-boss that has started, with its queue and our tables. */
export interface OpenBoss {
  readonly boss: PgBoss
  readonly db: Executor
  /** Whether the server would confirm a commit before it is on disk. */
  readonly isLax: boolean
}

/** What an open pg-boss has to tell. */
export interface BossEvents {
  /** There may be work, for this process or another one. */
  readonly work: () => void
  /** From now on, it hears of work. */
  readonly listening: () => void
  /** Something in the background failed. */
  readonly warning: (words: string) => void
}

/** Starts pg-boss, and brings all tables to this version. */
export async function openBoss(settings: Settings, events: BossEvents): Promise<OpenBoss> {
  const { schema, migrates, name } = settings
  const boss = new PgBoss(settings.boss)
  boss.on('error', ({ message }) => events.warning(message))
  boss.on('warning', ({ message }) => events.warning(message))
  const db = boss.getDb() as Executor
  hearAlong(db, schema, events)
  // The connection that listens does not keep the process alive, nor does what pg-boss does from time to time.
  const alive = setInterval(() => {}, 60_000)
  try {
    await boss.start().catch((error: unknown) => {
      throw !migrates && isNotInstalled(error) ? tablesMissing(name) : error
    })
    if (migrates) await transact(db, (tx) => migrate(tx, schema, name))
    if (!(await boss.getQueue(schema)))
      await boss.createQueue(schema, {
        notify: true,
        // Our row says when an entry is given up. A job lives as long as its entry waits.
        retryLimit: ANY_NUMBER,
        expireInSeconds: LONGEST_EXPIRATION_S,
        retentionSeconds: TEN_YEARS_S,
      })
    const [row] = await rowsOf<{ value: string }>(db, "SELECT current_setting('synchronous_commit') AS value")
    return { boss, db, isLax: row?.value === 'off' }
  } catch (error) {
    await stopBoss(boss, false)
    throw error
  } finally {
    clearInterval(alive)
  }
}

/** How long pg-boss may take to say good-bye, in ms: a server that hangs does not answer. */
const STOPS_WITHIN_MS = 5_000

/** Stops it. That never fails, and ends in bounded time. */
export async function stopBoss(boss: PgBoss, graceful = true): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  await Promise.race([
    boss.stop({ graceful, timeout: 1_000 }).catch(() => {}),
    new Promise<void>((resolve) => (timer = setTimeout(resolve, STOPS_WITHIN_MS))),
  ])
  clearTimeout(timer)
}

/** pg-boss listens, and comes back after a lost connection. We hear the same. */
function hearAlong(db: Executor, schema: string, events: BossEvents): void {
  const listen = db.listen?.bind(db)
  if (!listen) return
  const { config } = db as { config?: { stream?: () => Socket } }
  db.listen = (channel, onNotification, onReconnect) => {
    // The pool has a copy of these: this one is only for the connection that listens.
    if (config) config.stream = () => new Socket().unref()
    return listen(
      channel,
      (payload) => {
        onNotification(payload)
        if (payload === schema) events.work()
      },
      () => {
        events.listening()
        onReconnect()
        events.work()
      },
    )
  }
}

/** pg-boss has no code for it. */
function isNotInstalled(error: unknown): boolean {
  return (
    error instanceof Error && /^pg-boss (is not installed|database requires migrations)/.test(error.message)
  )
}
