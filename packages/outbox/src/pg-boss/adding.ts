import type { Db, PgBoss } from 'pg-boss'
import { MailError } from '@loudmail/core'
import type { Added, NewEntry } from '../store/store.ts'
import { Batch } from './batch.ts'
import { callerTransaction, noTransaction } from './caller-transaction.ts'
import { dropContent, writeContent } from './content.ts'
import { isOfOneEntry } from './database-error.ts'
import type { Database } from './database.ts'
import { OwnError, rowsOf } from './transaction.ts'
import { insertJobs, NOW_MS } from './jobs.ts'
import { Places } from './places.ts'

/** An entry as it is written. */
interface Row {
  readonly entry: NewEntry
  readonly head: Uint8Array
  readonly bodySize: number
}

interface Known {
  readonly id: string
  readonly message_id: string | null
  readonly idempotency_key: string | null
}

/** How long a group waits for a transaction of a caller that has one of its keys, in ms. Then each is added alone. */
const GROUP_WAITS_MS = 100
const MOST_TRIES = 5

/** What adds entries: those of a turn together, those with large content alone, or in a transaction of the caller. */
export function adder(database: Database): (entry: NewEntry, using?: unknown) => Promise<Added> {
  const { schema } = database
  const writers = new Places(database.settings.writers)

  const add = (rows: readonly Row[], isAlone: boolean): Promise<readonly Added[]> =>
    database.settled(async (db, boss, isAgain) => {
      if (!isAlone && rows.some(({ entry }) => entry.idempotencyKey !== undefined))
        await db.executeSql(`SET LOCAL lock_timeout = ${GROUP_WAITS_MS}`)
      return insert(db, boss, schema, rows, isAgain)
    })
  const batch = new Batch<Row, Added>(
    (rows, isAlone) => (isAlone ? writers.within(() => add(rows, true)) : add(rows, false)),
    isOfOneEntry,
  )

  async function addOne(entry: NewEntry, db: Db, boss: PgBoss, isOfCaller: boolean): Promise<Added> {
    const { id, body } = entry
    try {
      const bodySize = body ? await writeContent(db, schema, id, body) : 0
      const row = { entry, head: headOf(entry), bodySize }
      const [added] = await insert(db, boss, schema, [row], false, isOfCaller)
      if (!added!.isNew && bodySize > 0) await dropContent(db, schema, [id])
      return added!
    } catch (error) {
      // The caller may go on with the transaction.
      if (isOfCaller && body && error instanceof OwnError) await dropContent(db, schema, [id])
      throw error
    }
  }

  /** Its content cannot be read twice: if the answer to the commit is lost, only a look tells whether it is there. */
  async function addLarge(entry: NewEntry): Promise<Added> {
    try {
      return await database.transaction((db, boss) => addOne(entry, db, boss, false))
    } catch (error) {
      if (!MailError.is(error) || error.delivered !== 'unknown') throw error
      const sql = `SELECT FROM ${schema}.entry WHERE id = $1::text::uuid`
      const found = await database.recorded((db) => rowsOf(db, sql, [entry.id])).catch(() => [])
      if (found.length === 0) throw error
      return { id: entry.id, messageId: entry.messageId, isNew: true }
    }
  }

  return async (entry, using) => {
    if (using !== undefined) {
      const db = callerTransaction(using)
      return database.joined((boss) => addOne(entry, db, boss, true))
    }
    const added = entry.body
      ? await writers.within(() => addLarge(entry))
      : await batch.add({ entry, head: entry.head(), bodySize: 0 })
    if (added.isNew) database.announceHere()
    return added
  }
}

function headOf(entry: NewEntry): Uint8Array {
  try {
    return entry.head()
  } catch (error) {
    throw new OwnError(error)
  }
}

/** Adds entries and their jobs, in a transaction. Those whose key is there already are not added. */
async function insert(
  db: Db,
  boss: PgBoss,
  schema: string,
  rows: readonly Row[],
  isAgain: boolean,
  isOfCaller = false,
): Promise<readonly Added[]> {
  const added = new Map<string, Added>()
  for (let tries = 1; added.size < rows.length; tries++) {
    const open = rows.filter(({ entry }) => !added.has(entry.id))
    // How much later an entry is due. Only the clock of the database says what that is.
    const now = Date.now()
    const inserted = await insertRows(db, schema, open)
    if (isOfCaller && inserted.length > 0) await checkTransaction(db, schema, inserted[0]!)
    const news = new Set(inserted.map(({ id }) => id))
    const jobs = open.flatMap(({ entry: { id, priority, dueAt } }) =>
      news.has(id) ? { id, priority, inMs: dueAt - now, now: Number(inserted[0]!.now) } : [],
    )
    await insertJobs(db, boss, schema, jobs)
    for (const { entry } of open)
      if (news.has(entry.id)) added.set(entry.id, { id: entry.id, messageId: entry.messageId, isNew: true })
    const others = open.filter(({ entry }) => !news.has(entry.id))
    if (others.length === 0) break
    const known = await findKnown(db, schema, others)
    for (const { entry } of others) {
      const found =
        known.find(({ id }) => id === entry.id) ??
        known.find(({ idempotency_key: key }) => key !== null && key === entry.idempotencyKey)
      if (!found) continue
      const isNew = isAgain && found.id === entry.id
      added.set(entry.id, { id: found.id, messageId: found.message_id ?? undefined, isNew })
    }
    // Whoever had the key was purged between the two statements.
    if (tries === MOST_TRIES) throw new Error('entries with the same idempotency key come and go')
  }
  return rows.map(({ entry }) => added.get(entry.id)!)
}

function insertRows(
  db: Db,
  schema: string,
  rows: readonly Row[],
): Promise<{ id: string; now: string; transaction: string }[]> {
  const fields = rows.map(({ entry, bodySize }, n) => {
    const { id, messageId, idempotencyKey, priority, dueAt, createdAt, progress } = entry
    return { n, id, messageId, key: idempotencyKey, priority, dueAt, createdAt, progress, bodySize }
  })
  const heads = rows.map((_, n) => `(${n}, $${n + 2}::bytea)`).join(', ')
  return rowsOf(
    db,
    `INSERT INTO ${schema}.entry
       (id, message_id, idempotency_key, priority, due_at, created_at, updated_at, progress, head, body_size)
     SELECT x.id, x."messageId", x.key, x.priority, x."dueAt", x."createdAt", ${NOW_MS}, x.progress, h.head, x."bodySize"
     FROM json_to_recordset($1::text::json) AS x (n int, id uuid, "messageId" text, key text, priority int, "dueAt" bigint,
       "createdAt" bigint, progress text, "bodySize" bigint)
     JOIN (VALUES ${heads}) AS h (n, head) ON h.n = x.n
     ORDER BY x.n
     ON CONFLICT DO NOTHING
     RETURNING id::text, ${NOW_MS} AS now, pg_current_xact_id()::text AS transaction`,
    [JSON.stringify(fields), ...rows.map(({ head }) => Buffer.from(head))],
  )
}

/** Nothing else tells, through every library, whether a transaction is open. */
async function checkTransaction(
  db: Db,
  schema: string,
  { id, transaction }: { readonly id: string; readonly transaction: string },
): Promise<void> {
  const [row] = await rowsOf<{ transaction: string | null }>(
    db,
    'SELECT pg_current_xact_id_if_assigned()::text AS transaction',
  )
  if (row?.transaction === transaction) return
  await dropContent(db, schema, [id])
  await db.executeSql(`DELETE FROM ${schema}.entry WHERE id = $1::text::uuid`, [id])
  throw noTransaction()
}

function findKnown(db: Db, schema: string, rows: readonly Row[]): Promise<Known[]> {
  const wanted = rows.map(({ entry: { id, idempotencyKey } }) => ({ id, key: idempotencyKey }))
  return rowsOf(
    db,
    `SELECT DISTINCT e.id::text AS id, e.message_id, e.idempotency_key
     FROM json_to_recordset($1::text::json) AS x (id uuid, key text)
     JOIN ${schema}.entry e ON e.id = x.id OR e.idempotency_key = x.key`,
    [JSON.stringify(wanted)],
  )
}
