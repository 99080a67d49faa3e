import type { Db, PgBoss } from 'pg-boss'
import type { EntryChange, KeptState, Lease } from '../store/store.ts'
import { Batch } from './batch.ts'
import { dropContent } from './content.ts'
import { isOfOneEntry } from './database-error.ts'
import { OwnError, rowsOf, type Database } from './database.ts'
import { deleteJobs, insertJobs, NOW_MS } from './jobs.ts'

interface Settlement {
  readonly lease: Lease
  readonly change: EntryChange
}

interface Changed {
  readonly n: number
  readonly id: string
  readonly priority: number
  readonly due_at: string
  readonly body_size: string
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
    const { schema } = this.#database
    const json = JSON.stringify(
      group.map(({ lease, change }, n) => ({ n, id: lease.entry.id, lease: lease.token, ...change })),
    )
    return this.#database.settled(async (db, boss, isAgain) => {
      const startedAt = Date.now()
      const changed = await rowsOf<Changed>(
        db,
        `UPDATE ${schema}.entry e SET ${SET_CHANGE} FROM json_to_recordset($1::text::json) AS x (${CHANGE}, lease bigint)
         WHERE e.id = x.id AND (
           (e.lease = x.lease AND e.state IN ('in-flight', 'in-doubt')) OR (e.begun_by = x.lease AND e.state = 'in-doubt')
         )
         RETURNING ${CHANGED}`,
        [json],
      )
      await follow(db, boss, schema, group, changed, startedAt)
      const done = new Set(changed.map(({ n }) => n))
      if (isAgain && done.size < group.length)
        for (const n of await this.#settledBefore(db, json)) done.add(n)
      return group.map((_, n) => done.has(n))
    }, true)
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

  async change(id: string, from: readonly KeptState[], change: EntryChange): Promise<boolean> {
    const { schema } = this.#database
    const json = JSON.stringify([{ n: 0, id, ...change }])
    try {
      await this.#database.transaction(async (db, boss) => {
        const startedAt = Date.now()
        // The job first, as in a lease: so that the two never wait for each other.
        await deleteJobs(db, boss, schema, [id])
        const changed = await rowsOf<Changed>(
          db,
          `UPDATE ${schema}.entry e SET ${SET_CHANGE}, lease = e.lease + 1, begun_by = NULL
           FROM json_to_recordset($1::text::json) AS x (${CHANGE})
           WHERE e.id = x.id AND e.state = ANY($2::text[])
           RETURNING ${CHANGED}`,
          [json, from],
        )
        if (changed.length === 0) throw new OwnError(UNCHANGED)
        await follow(db, boss, schema, [{ change }], changed, startedAt)
      })
      return true
    } catch (error) {
      if (error === UNCHANGED) return false
      throw error
    }
  }
}

/** Rolls back a change of an entry that is in another state. */
const UNCHANGED = new Error('the entry is in another state')

const CHANGE =
  'n int, id uuid, state text, "dueAt" bigint, attempts int, progress text, "dropsMessage" boolean'

const SET_CHANGE = `state = x.state, due_at = coalesce(x."dueAt", e.due_at), attempts = coalesce(x.attempts, e.attempts),
  progress = coalesce(x.progress, e.progress), head = CASE WHEN x."dropsMessage" THEN '' ELSE e.head END, begun = false,
  leased_until = NULL, updated_at = ${NOW_MS}`

const CHANGED = `x.n, e.id::text AS id, e.priority, e.due_at, e.body_size, ${NOW_MS} AS now`

/** Lets the jobs and the content follow what became of their entries. */
async function follow(
  db: Db,
  boss: PgBoss,
  schema: string,
  group: readonly { readonly change: EntryChange }[],
  changed: readonly Changed[],
  startedAt: number,
): Promise<void> {
  await deleteJobs(
    db,
    boss,
    schema,
    changed.map(({ id }) => id),
  )
  const jobs = changed.flatMap(({ n, id, priority, due_at: dueAt, now }) =>
    group[n]!.change.state === 'waiting'
      ? { id, priority, inMs: Number(dueAt) - startedAt, now: Number(now) }
      : [],
  )
  await insertJobs(db, boss, schema, jobs)
  await dropContent(
    db,
    schema,
    changed.flatMap(({ n, id, body_size: size }) =>
      group[n]!.change.dropsMessage && Number(size) > 0 ? [id] : [],
    ),
  )
}
