import type { Db, PgBoss } from 'pg-boss'
import type { Lease } from '../store/store.ts'
import { Batch } from './batch.ts'
import { isOfOneEntry } from './database-error.ts'
import type { Database } from './database.ts'
import { rowsOf } from './transaction.ts'
import { COLUMNS, recordOf, type EntryRow } from './entry-row.ts'
import { deleteJobs, insertJobs, LATER_MS, NOW_MS } from './jobs.ts'

/** How often leases that have ended are looked for, in ms. */
const RECLAIM_MS = 100
/** How often entries without a job are looked for, in ms. */
const REPAIR_MS = 3_600_000
const MOST_AT_ONCE = 1_000
const FIRST_ID = '00000000-0000-0000-0000-000000000000'

/**
 * Who may work on what. pg-boss hands out the job of an entry: by priority, once it is due, to one of all processes. The row of
 * the entry says who has it, how long, and what became of it; the job follows it, in the same transaction.
 *
 * A lease is not a claim of pg-boss with heart-beats, because those are ten seconds or more. It is `leased_until` in our row,
 * by the clock of the database. Whoever looks for work first gives jobs whose lease has ended back to pg-boss, as failed: so
 * they come in their order among the others.
 */
export class Leasing {
  readonly #database: Database
  #reclaimedAt = -Infinity
  #repairedAt = -Infinity
  /** The last entry that was looked at, while it looks for those without a job. */
  #repairedUntil: string | undefined
  readonly #begins: Batch<Lease, boolean>

  constructor(database: Database) {
    this.#database = database
    this.#begins = new Batch((leases) => this.#begin(leases), isOfOneEntry)
  }

  async lease(most: number, leaseMs: number): Promise<readonly Lease[]> {
    const { schema } = this.#database
    await this.#repair()
    const rows = await this.#database.transaction(async (db, boss) => {
      await this.#reclaim(db, boss)
      const jobs = await boss.fetch(schema, { batchSize: most, db })
      if (jobs.length === 0) return []
      const ids = jobs.map(({ id }) => id)
      const leased = await rowsOf<EntryRow>(
        db,
        `UPDATE ${schema}.entry e SET state = 'in-flight', lease = e.lease + 1, updated_at = ${LATER_MS},
           leased_until = clock_timestamp() + $2::text::float8 * interval '1 ms'
         WHERE e.id = ANY($1::uuid[]) AND (e.state = 'waiting' OR ${HAS_ENDED})
         RETURNING ${COLUMNS}, e.head`,
        [ids, String(leaseMs)],
      )
      if (leased.length < ids.length) await this.#dropStale(db, boss, ids, leased)
      return leased
    })
    const leases = rows.map((row) => ({ entry: recordOf(row), token: row.lease }))
    return leases.toSorted(({ entry: a }, { entry: b }) => b.priority - a.priority || a.dueAt - b.dueAt)
  }

  async extend(leases: readonly Lease[], leaseMs: number): Promise<readonly Lease[]> {
    if (leases.length === 0) return []
    const { schema } = this.#database
    const rows = await this.#database.query<{ n: number }>(
      `UPDATE ${schema}.entry e SET leased_until = clock_timestamp() + $2::text::float8 * interval '1 ms'
       ${FROM_LEASES} AND e.state = 'in-flight' RETURNING x.n`,
      [leasesAsJson(leases), String(leaseMs)],
    )
    const kept = new Set(rows.map(({ n }) => n))
    return leases.filter((_, n) => !kept.has(n))
  }

  /** Those of a turn wait for the disk together. */
  begin(lease: Lease): Promise<boolean> {
    return this.#begins.add(lease)
  }

  #begin(leases: readonly Lease[]): Promise<readonly boolean[]> {
    const { schema } = this.#database
    return this.#database.recordedAtOnce(async (db) => {
      const rows = await rowsOf<{ n: number }>(
        db,
        `UPDATE ${schema}.entry e SET begun = true, begun_by = e.lease ${FROM_LEASES} AND e.state = 'in-flight'
         RETURNING x.n`,
        [leasesAsJson(leases)],
      )
      const begun = new Set(rows.map(({ n }) => n))
      return leases.map((_, n) => begun.has(n))
    })
  }

  /** Gives the jobs whose lease has ended back to pg-boss. */
  async #reclaim(db: Db, boss: PgBoss): Promise<void> {
    const now = performance.now()
    if (now - this.#reclaimedAt < RECLAIM_MS) return
    this.#reclaimedAt = now
    const { schema } = this.#database
    const ended = await rowsOf<{ id: string }>(
      db,
      `WITH ended AS (
         SELECT id FROM ${schema}.entry e WHERE ${HAS_ENDED} AND e.leased_until IS NOT NULL
         LIMIT ${MOST_AT_ONCE} FOR UPDATE SKIP LOCKED
       )
       UPDATE ${schema}.entry e SET lease = e.lease + 1, leased_until = NULL FROM ended WHERE e.id = ended.id
       RETURNING e.id::text AS id`,
    )
    if (ended.length === 0) return
    await boss.fail(
      schema,
      ended.map(({ id }) => id),
      null,
      { db },
    )
  }

  /** Removes jobs whose entry does not wait any more. That of an entry that somebody else has stays: it follows that lease. */
  async #dropStale(db: Db, boss: PgBoss, ids: readonly string[], leased: readonly EntryRow[]): Promise<void> {
    const taken = new Set(leased.map(({ id }) => id))
    const left = ids.filter((id) => !taken.has(id))
    const held = await rowsOf<{ id: string }>(
      db,
      `SELECT id::text AS id FROM ${this.#database.schema}.entry WHERE id = ANY($1::uuid[]) AND state = 'in-flight'`,
      [left],
    )
    const kept = new Set(held.map(({ id }) => id))
    await deleteJobs(
      db,
      boss,
      this.#database.schema,
      left.filter((id) => !kept.has(id)),
    )
  }

  /**
   * Makes jobs for entries that wait and have none: somebody removed or cancelled them in pg-boss, or restored a backup of our
   * tables alone. It looks at some entries before each lease, until it has seen all of them.
   */
  async #repair(): Promise<void> {
    const now = performance.now()
    if (this.#repairedUntil === undefined) {
      if (now - this.#repairedAt < REPAIR_MS) return
      this.#repairedUntil = FIRST_ID
    }
    this.#repairedUntil = await this.#repairSome(this.#repairedUntil)
    if (this.#repairedUntil === undefined) this.#repairedAt = now
  }

  /** @returns the id of the last entry that it looked at; undefined if there are no more */
  #repairSome(after: string): Promise<string | undefined> {
    const { schema, settings } = this.#database
    return this.#database.transaction(async (db, boss) => {
      const rows = await rowsOf<{
        id: string
        priority: number
        due_at: string
        now: string
        has_job: boolean
      }>(
        db,
        // In two steps: a join is slow as long as nobody has counted the rows of new tables.
        `WITH e AS MATERIALIZED (
           SELECT id, priority, due_at FROM ${schema}.entry
           WHERE state IN ('waiting', 'in-flight') AND id > $1::text::uuid ORDER BY id LIMIT ${MOST_AT_ONCE}
         ), j AS MATERIALIZED (
           SELECT id FROM ${settings.boss.schema}.job
           WHERE name = '${schema}' AND id = ANY(ARRAY(SELECT id FROM e)) AND state < 'completed'
         )
         SELECT id::text AS id, priority, due_at, ${NOW_MS} AS now, id IN (SELECT id FROM j) AS has_job FROM e ORDER BY e.id`,
        [after],
      )
      const wanted = rows.flatMap(({ id, priority, due_at: dueAt, now, has_job: hasJob }) =>
        hasJob ? [] : { id, priority, inMs: Number(dueAt) - Date.now(), now: Number(now) },
      )
      await deleteJobs(
        db,
        boss,
        schema,
        wanted.map(({ id }) => id),
      )
      await insertJobs(db, boss, schema, wanted)
      return rows.length < MOST_AT_ONCE ? undefined : rows.at(-1)!.id
    })
  }
}

const HAS_ENDED =
  "(e.state = 'in-flight' AND (e.leased_until IS NULL OR e.leased_until <= clock_timestamp()))"

/** Leases, as the first parameter of a statement, beside their rows. */
const FROM_LEASES =
  'FROM json_to_recordset($1::text::json) AS x (n int, id uuid, lease bigint) WHERE e.id = x.id AND e.lease = x.lease'

function leasesAsJson(leases: readonly Lease[]): string {
  return JSON.stringify(leases.map(({ entry, token }, n) => ({ n, id: entry.id, lease: token })))
}
