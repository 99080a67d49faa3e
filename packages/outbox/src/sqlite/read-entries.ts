import { setImmediate as nextTurn } from 'node:timers/promises'
import type { EntryFilter, EntryRecord, KeptState, StateCounts } from '../store/store.ts'
import { priorities } from './due-entries.ts'
import { entryOfRow, SELECT_ENTRY, SELECT_LISTED } from './entry-row.ts'
import { rowsOf, valuesOf, type SqliteConnection } from './sqlite-connection.ts'

/** One entry. */
export function getEntry(connection: SqliteConnection, id: string): EntryRecord | undefined {
  const [row] = rowsOf(connection, `${SELECT_ENTRY} WHERE id = ?`, id)
  return row && entryOfRow(row)
}

/** So many entries are read at once. */
const PAGE = 200

/** Entries, page by page: no statement is open between two pages, so whoever stops leaves nothing behind. */
export async function* listEntries(
  read: <Result>(query: (connection: SqliteConnection) => Result) => Promise<Result>,
  { state, dueAfter = -Infinity, dueUntil = Infinity, newestFirst = false, after }: EntryFilter,
): AsyncGenerator<EntryRecord> {
  const sql = `${SELECT_LISTED} WHERE ${state === undefined ? '' : 'state = ? AND '}id ${newestFirst ? '<' : '>'} ? ORDER BY id ${newestFirst ? 'DESC' : ''} LIMIT ?`
  const first = state === undefined ? [] : [state]
  let last = after ?? (newestFirst ? '~' : '')
  for (;;) {
    const rows = await read((connection) => rowsOf(connection, sql, ...first, last, PAGE))
    const page = rows.map(entryOfRow)
    yield* page.filter(({ dueAt }) => dueAt > dueAfter && dueAt <= dueUntil)
    if (page.length < PAGE) return
    last = page.at(-1)!.id
    await nextTurn()
  }
}

/** How many entries there are. */
export function countEntries(connection: SqliteConnection): StateCounts {
  const now = Date.now()
  const rows = rowsOf(connection, 'SELECT state, entries FROM loudmail_outbox_counts')
  const numbers = Object.fromEntries(rows.map(({ state, entries }) => [state, Number(entries)])) as Record<
    KeptState,
    number
  >
  let oldest = Infinity
  for (const priority of priorities(connection)) {
    const [first] = valuesOf(
      connection,
      "SELECT due_at FROM loudmail_outbox INDEXED BY loudmail_outbox_due WHERE state = 'waiting' AND priority = ? AND due_at <= ? ORDER BY due_at LIMIT 1",
      priority,
      now,
    )
    oldest = Math.min(oldest, Number(first ?? Infinity))
  }
  const [inFlight] = valuesOf(
    connection,
    "SELECT min(due_at) FROM loudmail_outbox INDEXED BY loudmail_outbox_leased WHERE state = 'in-flight'",
  )
  oldest = Math.min(oldest, Number(inFlight ?? Infinity))
  return {
    ...numbers,
    scheduled: countScheduled(connection, numbers.waiting, now),
    oldestDueAt: oldest === Infinity ? undefined : oldest,
  }
}

/** It counts so many of the one kind before it counts the other: mostly there are few of one of them. */
const MANY = 10_000

function countScheduled(connection: SqliteConnection, waiting: number, now: number): number {
  const due = countWaiting(connection, '<=', now, MANY)
  if (due < MANY) return waiting - due
  const scheduled = countWaiting(connection, '>', now, MANY)
  return scheduled < MANY ? scheduled : countWaiting(connection, '>', now, waiting)
}

/** How many entries wait that are due then or later, up to a limit. */
function countWaiting(connection: SqliteConnection, when: '<=' | '>', now: number, most: number): number {
  let count = 0
  for (const priority of priorities(connection)) {
    if (count >= most) break
    const [found] = valuesOf(
      connection,
      `SELECT count(*) FROM (SELECT 1 FROM loudmail_outbox INDEXED BY loudmail_outbox_due WHERE state = 'waiting' AND priority = ? AND due_at ${when} ? LIMIT ?)`,
      priority,
      now,
      most - count,
    )
    count += Number(found)
  }
  return count
}
