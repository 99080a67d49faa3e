import type { Added, EntryChange, KeptState, Lease, NewEntry } from '../store/store.ts'
import { entryOfRow, SELECT_ENTRY } from './entry-row.ts'
import { duePlaces } from './due-entries.ts'
import { changes, rowsOf, valuesOf, type SqliteConnection, type SqlValue } from './sqlite-connection.ts'

/** Adds an entry, unless there is one with its key. */
export function insertEntry(
  connection: SqliteConnection,
  entry: Omit<NewEntry, 'head' | 'body'>,
  head: Uint8Array,
  bodySize: number,
): Added {
  const { id, messageId = null, idempotencyKey = null, priority, dueAt, createdAt, progress } = entry
  if (idempotencyKey !== null) {
    const [knownId, knownMessageId] = valuesOf(
      connection,
      'SELECT id, message_id FROM loudmail_outbox WHERE idempotency_key = ?',
      idempotencyKey,
    )
    if (knownId !== undefined)
      return {
        id: knownId as string,
        messageId: (knownMessageId as string | null) ?? undefined,
        isNew: false,
      }
  }
  changes(
    connection,
    'INSERT INTO loudmail_outbox (id, message_id, idempotency_key, priority, due_at, created_at, updated_at, progress) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    id,
    messageId,
    idempotencyKey,
    priority,
    dueAt,
    createdAt,
    Date.now(),
    progress,
  )
  changes(
    connection,
    'INSERT INTO loudmail_outbox_message (entry, body_size, head) SELECT number, ?, ? FROM loudmail_outbox WHERE id = ?',
    bodySize,
    head,
    id,
  )
  return { id, messageId: messageId ?? undefined, isNew: true }
}

/** Leases entries that are due. */
export function leaseEntries(connection: SqliteConnection, most: number, leaseMs: number): Lease[] {
  const now = Date.now()
  return duePlaces(connection, now, most).map(({ number }) => {
    changes(
      connection,
      "UPDATE loudmail_outbox SET state = 'in-flight', lease = lease + 1, leased_until = ?, updated_at = max(?, updated_at + 1) WHERE number = ?",
      now + leaseMs,
      now,
      number,
    )
    const [row] = rowsOf(connection, `${SELECT_ENTRY} WHERE number = ?`, number)
    return { entry: entryOfRow(row!), token: row!.lease }
  })
}

/** Extends a lease. @returns whether it was not lost */
export function extendLease(connection: SqliteConnection, { entry, token }: Lease, leaseMs: number): boolean {
  return changes(
    connection,
    "UPDATE loudmail_outbox SET leased_until = ? WHERE id = ? AND lease = ? AND state = 'in-flight'",
    Date.now() + leaseMs,
    entry.id,
    token as number,
  )
}

/** Records that the transmission begins. @returns false if the lease was lost */
export function beginEntry(connection: SqliteConnection, { entry, token }: Lease): boolean {
  return changes(
    connection,
    "UPDATE loudmail_outbox SET begun = 1, begun_by = lease WHERE id = ? AND lease = ? AND state = 'in-flight'",
    entry.id,
    token as number,
  )
}

/** What became of a change. */
export interface Changed {
  /** Whether it was made. */
  readonly isChanged: boolean
  /** Whether the entry had large content that is not needed any more. */
  readonly dropsBody: boolean
}

/** Ends a lease. */
export function settleEntry(
  connection: SqliteConnection,
  { entry, token }: Lease,
  change: EntryChange,
): Changed {
  const lease = token as number
  const own = "((state = 'in-flight' AND lease = ?) OR (state = 'in-doubt' AND (lease = ? OR begun_by = ?)))"
  return applyChange(connection, entry.id, change, own, lease, lease, lease)
}

/** Changes an entry that is in one of these states, and changed last at this time. */
export function changeEntry(
  connection: SqliteConnection,
  id: string,
  from: readonly KeptState[],
  change: EntryChange,
  updatedAt?: number,
): Changed {
  const isAsRead = 'state IN (SELECT value FROM json_each(?)) AND updated_at = coalesce(?, updated_at)'
  return applyChange(connection, id, change, isAsRead, JSON.stringify(from), updatedAt ?? null)
}

function applyChange(
  connection: SqliteConnection,
  id: string,
  { state, dueAt, attempts, progress, dropsMessage = false }: EntryChange,
  where: string,
  ...values: SqlValue[]
): Changed {
  const isChanged = changes(
    connection,
    `UPDATE loudmail_outbox SET state = ?, due_at = coalesce(?, due_at), attempts = coalesce(?, attempts), progress = coalesce(?, progress),
       begun = 0, begun_by = iif(?, begun_by, 0), leased_until = NULL, updated_at = max(?, updated_at + 1) WHERE id = ? AND ${where}`,
    state,
    dueAt ?? null,
    attempts ?? null,
    progress ?? null,
    state === 'in-doubt' ? 1 : 0,
    Date.now(),
    id,
    ...values,
  )
  if (!isChanged || !dropsMessage) return { isChanged, dropsBody: false }
  const [bodySize] = valuesOf(
    connection,
    'DELETE FROM loudmail_outbox_message WHERE entry = (SELECT number FROM loudmail_outbox WHERE id = ?) RETURNING body_size',
    id,
  )
  return { isChanged, dropsBody: Number(bodySize ?? 0) > 0 }
}

/** Part of a purge. */
export interface Purged {
  readonly count: number
  /** Entries whose large content is to be removed. */
  readonly bodies: readonly string[]
  /** Where to go on; undefined if it was the last part. */
  readonly last?: string | undefined
}

/** So many entries are looked at in one transaction. */
const PURGE_PAGE = 500

/** Removes some of the entries of a state that changed last before a time, in the order in which they were added. */
export function purgeEntries(
  connection: SqliteConnection,
  state: KeptState,
  before: number,
  after: string,
): Purged {
  const rows = rowsOf(
    connection,
    'SELECT number, id, created_at, updated_at FROM loudmail_outbox WHERE state = ? AND id > ? ORDER BY id LIMIT ?',
    state,
    after,
    PURGE_PAGE,
  )
  const bodies: string[] = []
  const old = rows.filter((row) => Number(row.updated_at) < before)
  for (const { id, number } of old) {
    const [bodySize] = valuesOf(
      connection,
      'DELETE FROM loudmail_outbox_message WHERE entry = ? RETURNING body_size',
      number as number,
    )
    if (Number(bodySize ?? 0) > 0) bodies.push(id as string)
    changes(connection, 'DELETE FROM loudmail_outbox WHERE number = ?', number as number)
  }
  const last = rows.at(-1)
  // Those that were added later changed later as well.
  const isLast = rows.length < PURGE_PAGE || Number(last!.created_at) >= before
  return { count: old.length, bodies, last: isLast ? undefined : (last!.id as string) }
}
