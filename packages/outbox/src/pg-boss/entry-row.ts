import type { EntryRecord, KeptState } from '../store/store.ts'

/** A row of the table `entry`. Libraries give numbers of eight octets as text. */
export interface EntryRow {
  readonly id: string
  readonly state: KeptState
  readonly message_id: string | null
  readonly idempotency_key: string | null
  readonly priority: number
  readonly due_at: string
  readonly created_at: string
  readonly updated_at: string
  readonly attempts: number
  readonly begun: boolean
  readonly lease: string
  readonly progress: string
  readonly head: Uint8Array
  readonly body_size: string
}

/** The columns of a record, but for its head. */
export const COLUMNS =
  'e.id::text AS id, e.state, e.message_id, e.idempotency_key, e.priority, e.due_at, e.created_at, e.updated_at, e.attempts, e.begun, e.lease, e.progress, e.body_size'

/** @param row one without `head` has an empty one */
export function recordOf(row: Omit<EntryRow, 'head'> & { readonly head?: Uint8Array }): EntryRecord {
  return {
    id: row.id,
    state: row.state,
    messageId: row.message_id ?? undefined,
    idempotencyKey: row.idempotency_key ?? undefined,
    priority: row.priority,
    dueAt: Number(row.due_at),
    createdAt: Number(row.created_at),
    updatedAt: Number(row.updated_at),
    attempts: row.attempts,
    begun: row.begun,
    progress: row.progress,
    head: row.head ?? Buffer.alloc(0),
    bodySize: Number(row.body_size),
  }
}

/** Whether it can be the id of an entry. */
export function isEntryId(id: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)
}
