import { configError } from '@loudmail/core/transport'
import {
  KEPT_STATES,
  type EntryFilter,
  type EntryRecord,
  type KeptState,
  type StateCounts,
} from '../store/store.ts'
import { dropContent } from './content.ts'
import type { Database } from './database.ts'
import { rowsOf } from './transaction.ts'
import { deleteJobs } from './jobs.ts'
import { COLUMNS, isEntryId, recordOf, type EntryRow } from './entry-row.ts'

const PAGE = 100
/** So much is purged in one transaction: entries, and octets of large content. */
const MOST_PURGED = 1_000
const MOST_OCTETS = 268_435_456

export async function readEntry(database: Database, id: string): Promise<EntryRecord | undefined> {
  if (!isEntryId(id)) return undefined
  const [row] = await database.query<EntryRow>(
    `SELECT ${COLUMNS}, e.head FROM ${database.schema}.entry e WHERE e.id = $1::text::uuid`,
    [id],
  )
  return row && recordOf(row)
}

export async function* listEntries(
  database: Database,
  { state, dueAfter, dueUntil, newestFirst = false, after }: EntryFilter,
): AsyncGenerator<EntryRecord> {
  const values: unknown[] = []
  const when = (value: string | number | undefined, condition: string, type: string): string =>
    value === undefined ? '' : `AND ${condition} $${values.push(String(value))}::text::${type}`
  const conditions = [
    when(state, 'e.state =', 'text'),
    when(dueAfter, 'e.due_at >', 'float8'),
    when(dueUntil, 'e.due_at <=', 'float8'),
  ].join(' ')
  if (after !== undefined && !isEntryId(after)) throw configError('after must be the id of an entry')
  let last =
    after ?? (newestFirst ? 'ffffffff-ffff-ffff-ffff-ffffffffffff' : '00000000-0000-0000-0000-000000000000')
  for (;;) {
    const rows: Omit<EntryRow, 'head'>[] = await database.run(() =>
      database.query(
        `SELECT ${COLUMNS} FROM ${database.schema}.entry e
         WHERE e.id ${newestFirst ? '<' : '>'} $${values.length + 1}::text::uuid ${conditions}
         ORDER BY e.id ${newestFirst ? 'DESC' : ''} LIMIT ${PAGE}`,
        [...values, last],
      ),
    )
    for (const row of rows) yield recordOf(row)
    if (rows.length < PAGE) return
    last = rows.at(-1)!.id
  }
}

export async function countEntries(database: Database): Promise<StateCounts> {
  const { schema } = database
  const [row] = await database.query<{
    numbers: Record<string, number> | null
    scheduled: string
    oldest: string | null
  }>(
    `SELECT (SELECT json_object_agg(state, number) FROM (SELECT state, count(*) AS number FROM ${schema}.entry GROUP BY state) s) AS numbers,
       count(*) FILTER (WHERE e.state = 'waiting' AND e.due_at > $1::text::bigint) AS scheduled,
       min(e.due_at) FILTER (WHERE e.state = 'in-flight' OR e.due_at <= $1::text::bigint) AS oldest
     FROM ${schema}.entry e WHERE e.state IN ('waiting', 'in-flight')`,
    [String(Date.now())],
  )
  const { numbers, scheduled, oldest } = row!
  const all = Object.fromEntries(KEPT_STATES.map((state) => [state, numbers?.[state] ?? 0]))
  return {
    ...(all as Record<KeptState, number>),
    scheduled: Number(scheduled),
    oldestDueAt: oldest === null ? undefined : Number(oldest),
  }
}

export async function purgeEntries(
  database: Database,
  states: readonly KeptState[],
  before: number,
): Promise<number> {
  const { schema } = database
  let purged = 0
  for (;;) {
    const count = await database.transaction(async (db, boss) => {
      const old = await rowsOf<{ id: string; body_size: string }>(
        db,
        `SELECT id::text AS id, body_size FROM ${schema}.entry
         WHERE state = ANY($1::text[]) AND updated_at < $2::text::bigint LIMIT ${MOST_PURGED} FOR UPDATE SKIP LOCKED`,
        [states, String(Math.ceil(before))],
      )
      let octets = 0
      const gone = old.filter(({ body_size: size }, index) => {
        octets += Number(size)
        return index === 0 || octets <= MOST_OCTETS
      })
      const ids = gone.map(({ id }) => id)
      if (ids.length === 0) return 0
      await db.executeSql(`DELETE FROM ${schema}.entry WHERE id = ANY($1::uuid[])`, [ids])
      if (octets > 0) await dropContent(db, schema, ids)
      await deleteJobs(db, boss, schema, ids)
      return ids.length
    })
    purged += count
    if (count === 0) return purged
  }
}
