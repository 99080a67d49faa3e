import {
  KEPT_STATES,
  type EntryFilter,
  type EntryRecord,
  type KeptState,
  type StateCounts,
} from '../store/store.ts'
import { dropContent } from './content.ts'
import { rowsOf, type Database } from './database.ts'
import { deleteJobs } from './jobs.ts'
import { COLUMNS, isEntryId, recordOf, type EntryRow } from './entry-row.ts'

const PAGE = 100
const MOST_PURGED = 1_000

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
  { state, dueAfter, dueUntil, newestFirst = false }: EntryFilter,
): AsyncGenerator<EntryRecord> {
  const values: unknown[] = []
  const when = (value: string | undefined, condition: string): string =>
    value === undefined ? '' : `AND ${condition} $${values.push(value)}::text`
  const conditions = [
    when(state, 'e.state ='),
    `${when(dueAfter?.toString(), 'e.due_at >')}${dueAfter === undefined ? '' : '::bigint'}`,
    `${when(dueUntil?.toString(), 'e.due_at <=')}${dueUntil === undefined ? '' : '::bigint'}`,
  ].join(' ')
  let last = newestFirst ? 'ffffffff-ffff-ffff-ffff-ffffffffffff' : '00000000-0000-0000-0000-000000000000'
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
    const rows = await database.transaction(async (db, boss) => {
      const gone = await rowsOf<{ id: string; body_size: string }>(
        db,
        `DELETE FROM ${schema}.entry WHERE id IN (
           SELECT id FROM ${schema}.entry WHERE state = ANY($1::text[]) AND updated_at < $2::text::bigint
           LIMIT ${MOST_PURGED} FOR UPDATE SKIP LOCKED
         ) RETURNING id::text AS id, body_size`,
        [states, String(Math.ceil(before))],
      )
      await dropContent(
        db,
        schema,
        gone.flatMap(({ id, body_size: size }) => (Number(size) > 0 ? [id] : [])),
      )
      await deleteJobs(
        db,
        boss,
        schema,
        gone.map(({ id }) => id),
      )
      return gone
    })
    purged += rows.length
    if (rows.length === 0) return purged
  }
}
