import type { EntryRecord, KeptState } from '../store/store.ts'
import type { Row } from './sqlite-connection.ts'

const FIELDS =
  'id, state, message_id, idempotency_key, priority, due_at, created_at, updated_at, attempts, begun, lease, progress, coalesce(body_size, 0) AS body_size'
const TABLES = 'loudmail_outbox LEFT JOIN loudmail_outbox_message ON entry = number'

/** Reads entries. */
export const SELECT_ENTRY = `SELECT ${FIELDS}, head FROM ${TABLES}`
/** Reads entries without their heads. */
export const SELECT_LISTED = `SELECT ${FIELDS} FROM ${TABLES}`

const EMPTY = new Uint8Array(0)

/** The entry of a row. */
export function entryOfRow(row: Row): EntryRecord {
  return {
    id: row.id as string,
    state: row.state as KeptState,
    messageId: (row.message_id as string | null) ?? undefined,
    idempotencyKey: (row.idempotency_key as string | null) ?? undefined,
    priority: Number(row.priority),
    dueAt: Number(row.due_at),
    createdAt: Number(row.created_at),
    updatedAt: Number(row.updated_at),
    attempts: Number(row.attempts),
    begun: row.begun === 1,
    progress: row.progress as string,
    head: (row.head as Uint8Array | null | undefined) ?? EMPTY,
    bodySize: Number(row.body_size),
  }
}
