import type { Db, PgBoss } from 'pg-boss'
import type { EntryChange, KeptState, Lease } from '../store/store.ts'
import { Batch } from './batch.ts'
import { isOfOneEntry } from './database-error.ts'
import type { Database } from './database.ts'
import { OwnError, rowsOf } from './transaction.ts'
import { deleteJobs, insertJobs, LATER_MS, NOW_MS } from './jobs.ts'

interface Settlement {
  readonly lease: Lease
  readonly change: EntryChange
}

interface Changed {
  readonly n: number
  readonly id: string
  readonly state: KeptState
  readonly priority: number
  readonly due_at: string
  readonly now: string
}

/** What changes entries: those that workers settle in a turn together, those that people change one by one. */
export class Settling {
  readonly #database: Database
  readonly #settlements: Batch<Settlement, boolean>

  constructor(database: Database) {
    this.#database = database
    this.#settlements = new Batch((group) => this.#settle(group), isOfOneEntry)
  }

  settle(lease: Lease, change: EntryChange): Promise<boolean> {
    return this.#settlements.add({ lease, change })
  }

  #settle(group: readonly Settlement[]): Promise<readonly boolean[]> {
    const json = JSON.stringify(
      group.map(({ lease, change }, n) => ({ n, id: lease.entry.id, lease: lease.token, ...change })),
    )
    const work = async (db: Db, boss: PgBoss, isAgain: boolean): Promise<readonly boolean[]> => {
      const startedAt = Date.now()
      const changed = await this.#update(
        db,
        `(e.lease = x.lease AND e.state IN ('in-flight', 'in-doubt')) OR (e.begun_by = x.lease AND e.state = 'in-doubt')`,
        [json],
      )
      await this.#waitAgain(db, boss, changed, startedAt)
      const done = new Set(changed.map(({ n }) => n))
      if (isAgain && done.size < group.length)
        for (const n of await this.#settledBefore(db, json)) done.add(n)
      return group.map((_, n) => done.has(n))
    }
    return group.some(({ change }) => change.state === 'waiting')
      ? this.#database.recorded(work)
      : this.#database.recordedAtOnce(work)
  }

  /** Those that an earlier run settled, whose commit was never confirmed. */
  async #settledBefore(db: Db, json: string): Promise<number[]> {
    const rows = await rowsOf<{ n: number }>(
      db,
      `SELECT x.n FROM json_to_recordset($1::text::json) AS x (n int, id uuid, lease bigint, state text)
       JOIN ${this.#database.schema}.entry e ON e.id = x.id AND e.lease = x.lease AND e.state = x.state`,
      [json],
    )
    return rows.map(({ n }) => n)
  }

  async change(
    id: string,
    from: readonly KeptState[],
    change: EntryChange,
    updatedAt?: number,
  ): Promise<boolean> {
    const { schema } = this.#database
    const json = JSON.stringify([{ n: 0, id, ...change }])
    try {
      await this.#database.transaction(async (db, boss) => {
        const startedAt = Date.now()
        // The job first, as in a lease: so that the two never wait for each other.
        await deleteJobs(db, boss, schema, [id])
        const changed = await this.#update(
          db,
          'e.state = ANY($2::text[]) AND e.updated_at = coalesce($3::text::bigint, e.updated_at)',
          [json, from, updatedAt === undefined ? null : String(updatedAt)],
          ', lease = e.lease + 1',
        )
        if (changed.length === 0) throw new OwnError(UNCHANGED)
        await this.#waitAgain(db, boss, changed, startedAt)
      })
      return true
    } catch (error) {
      if (error === UNCHANGED) return false
      throw error
    }
  }

  /** Changes entries, and removes their jobs, and content that nobody needs: in one statement. */
  #update(db: Db, condition: string, values: unknown[], more = ''): Promise<Changed[]> {
    const { schema, settings } = this.#database
    return rowsOf(
      db,
      `WITH changed AS (
         UPDATE ${schema}.entry e SET state = x.state, due_at = coalesce(x."dueAt", e.due_at),
           attempts = coalesce(x.attempts, e.attempts), progress = coalesce(x.progress, e.progress),
           head = CASE WHEN x."dropsMessage" THEN '' ELSE e.head END, begun = false, leased_until = NULL,
           begun_by = CASE WHEN x.state = 'in-doubt' THEN e.begun_by END, updated_at = ${LATER_MS}${more}
         FROM json_to_recordset($1::text::json) AS x
           (n int, id uuid, lease bigint, state text, "dueAt" bigint, attempts int, progress text, "dropsMessage" boolean)
         WHERE e.id = x.id AND (${condition})
         RETURNING x.n, e.id, e.state, e.priority, e.due_at, x."dropsMessage" AND e.body_size > 0 AS drops
       ), jobs AS (
         DELETE FROM ${settings.boss.schema}.job j USING changed WHERE j.name = '${schema}' AND j.id = changed.id
       ), content AS (
         DELETE FROM ${schema}.chunk c USING changed WHERE changed.drops AND c.entry_id = changed.id
       )
       SELECT n, id::text AS id, state, priority, due_at, ${NOW_MS} AS now FROM changed`,
      values,
    )
  }

  /** Makes jobs for the entries that wait again. */
  async #waitAgain(db: Db, boss: PgBoss, changed: readonly Changed[], startedAt: number): Promise<void> {
    const jobs = changed.flatMap(({ id, state, priority, due_at: dueAt, now }) =>
      state === 'waiting' ? { id, priority, inMs: Number(dueAt) - startedAt, now: Number(now) } : [],
    )
    await insertJobs(db, boss, this.#database.schema, jobs)
  }
}

/** Rolls back a change of an entry that is in another state. */
const UNCHANGED = new Error('the entry is in another state')
