import { rowsOf, valuesOf, type SqliteConnection } from './sqlite-connection.ts'

/** Where an entry stands in the order of leases. */
interface Place {
  readonly number: number
  readonly priority: number
  readonly dueAt: number
}

/** The entries to lease next, in their order. */
export function duePlaces(connection: SqliteConnection, now: number, most: number): Place[] {
  const found = rowsOf(
    connection,
    "SELECT number, priority, due_at FROM loudmail_outbox INDEXED BY loudmail_outbox_leased WHERE state = 'in-flight' AND leased_until <= ? ORDER BY priority DESC, due_at LIMIT ?",
    now,
    most,
  )
  let room = most
  for (const priority of priorities(connection)) {
    if (room <= 0) break
    const rows = rowsOf(
      connection,
      "SELECT number, priority, due_at FROM loudmail_outbox INDEXED BY loudmail_outbox_due WHERE state = 'waiting' AND priority = ? AND due_at <= ? ORDER BY due_at LIMIT ?",
      priority,
      now,
      room,
    )
    found.push(...rows)
    room -= rows.length
  }
  return found
    .map((row) => ({
      number: Number(row.number),
      priority: Number(row.priority),
      dueAt: Number(row.due_at),
    }))
    .toSorted((a, b) => b.priority - a.priority || a.dueAt - b.dueAt)
    .slice(0, most)
}

/**
 * The priorities of the entries that wait, the highest first. Each is one search in the index. To read the index through
 * instead would pass all entries of a higher priority that are scheduled for later.
 */
export function* priorities(connection: SqliteConnection): Generator<number> {
  let [priority] = valuesOf(
    connection,
    "SELECT priority FROM loudmail_outbox INDEXED BY loudmail_outbox_due WHERE state = 'waiting' ORDER BY priority DESC LIMIT 1",
  )
  while (priority !== undefined) {
    yield Number(priority)
    ;[priority] = valuesOf(
      connection,
      "SELECT priority FROM loudmail_outbox INDEXED BY loudmail_outbox_due WHERE state = 'waiting' AND priority < ? ORDER BY priority DESC LIMIT 1",
      Number(priority),
    )
  }
}
