import { setImmediate as nextTurn } from 'node:timers/promises'
import type { EntryFilter, EntryRecord, KeptState, StateCounts } from '../store/store.ts'
import { priorities } from './due-entries.ts'
import { entryOfRow, SELECT_ENTRY, SELECT_LISTED } from './entry-row.ts'
import { prepare, valuesOf, type Row, type SqliteConnection } from './sqlite-connection.ts'

/** One entry. */
export function getEntry(connection: SqliteConnection, id: string): EntryRecord | undefined {
  const row = prepare(connection, `${SELECT_ENTRY} WHERE id = ?`).get(id)
  return row ? entryOfRow(row as Row) : undefined
}

/** So many entries are read at once. */
const PAGE = 200

/** Entries, page by page: no statement is open between two pages, so whoever stops leaves nothing behind. */
export async function* listEntries(
  read: <Result>(query: (connection: SqliteConnection) => Result) => Promise<Result>,
  { state, dueAfter = -Infinity, dueUntil = Infinity, newestFirst = false }: EntryFilter,
): AsyncGenerator<EntryRecord> {
  const sql = `${SELECT_LISTED} WHERE ${state === undefined ? '' : 'state = ? AND '}id ${newestFirst ? '<' : '>'} ? ORDER BY id ${newestFirst ? 'DESC' : ''} LIMIT ?`
  const first = state === undefined ? [] : [state]
  let last = newestFirst ? '~' : ''
  for (;;) {
    const rows = await read((connection) => prepare(connection, sql).all(...first, last, PAGE))
    const page = (rows as Row[]).map(entryOfRow)
    yield* page.filter(({ dueAt }) => dueAt > dueAfter && dueAt <= dueUntil)
    if (page.length < PAGE) return
    last = page.at(-1)!.id
    await nextTurn()
  }
}

/** How many entries there are. */
export function countEntries(connection: SqliteConnection): StateCounts {
  const now = Date.now()
  const rows = prepare(connection, 'SELECT state, entries FROM loudmail_outbox_counts').all() as Row[]
  const numbers = Object.fromEntries(rows.map(({ state, entries }) => [state, Number(entries)])) as Record<
    KeptState,
    number
  >
  let due = 0
  let oldest = Infinity
  for (const priority of priorities(connection)) {
    const [count, first] = valuesOf(
      connection,
      "SELECT count(*), min(due_at) FROM loudmail_outbox WHERE state = 'waiting' AND priority = ? AND due_at <= ?",
      priority,
      now,
    )!
    due += Number(count)
    oldest = Math.min(oldest, Number(first ?? Infinity))
  }
  const [inFlight] = valuesOf(
    connection,
    "SELECT min(due_at) FROM loudmail_outbox WHERE state = 'in-flight'",
  )!
  oldest = Math.min(oldest, Number(inFlight ?? Infinity))
  return {
    ...numbers,
    scheduled: numbers.waiting - due,
    oldestDueAt: oldest === Infinity ? undefined : oldest,
  }
}
