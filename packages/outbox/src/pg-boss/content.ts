import type { Db } from 'pg-boss'
import { storageError } from '../store/storage-error.ts'
import type { NewBody } from '../store/store.ts'
import type { Database } from './database.ts'
import { OwnError } from './transaction.ts'

/** Content is kept in rows of this size, in octets. The last one of an entry may be smaller. */
const CHUNK = 262_144

/** Keeps the content of an entry, as it is read. Resolves to its size. */
export async function writeContent(db: Db, schema: string, id: string, body: NewBody): Promise<number> {
  const sql = `INSERT INTO ${schema}.chunk (entry_id, place, content) VALUES ($1::text::uuid, $2::int, $3::bytea)`
  const buffer = Buffer.allocUnsafe(CHUNK)
  let filled = 0
  let place = 0
  for await (const chunk of readings(body)) {
    for (let at = 0; at < chunk.byteLength;) {
      const taken = Math.min(CHUNK - filled, chunk.byteLength - at)
      buffer.set(chunk.subarray(at, at + taken), filled)
      filled += taken
      at += taken
      if (filled < CHUNK) continue
      await db.executeSql(sql, [id, place++, buffer])
      filled = 0
    }
  }
  if (filled > 0) await db.executeSql(sql, [id, place, buffer.subarray(0, filled)])
  return place * CHUNK + filled
}

/** Tells an error of whoever reads the content apart from one of the database. */
async function* readings(body: NewBody): AsyncGenerator<Uint8Array> {
  const iterator = body.open()[Symbol.asyncIterator]()
  let isOver = false
  try {
    for (;;) {
      const next = await iterator.next().catch((error: unknown) => {
        isOver = true
        throw new OwnError(error)
      })
      if (next.done) {
        isOver = true
        return
      }
      yield next.value
    }
  } finally {
    if (!isOver) await iterator.return?.()
  }
}

/** Removes what was kept of an entry that is not added. */
export async function dropContent(db: Db, schema: string, ids: readonly string[]): Promise<void> {
  if (ids.length > 0)
    await db.executeSql(`DELETE FROM ${schema}.chunk WHERE entry_id = ANY($1::uuid[])`, [ids])
}

/** Reads the content of an entry from an octet on. */
export async function* readContent(
  database: Database,
  id: string,
  from: number,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const { schema, settings } = database
  const query = <Row>(text: string, values: unknown[]): Promise<Row[]> =>
    database.run(() => database.query<Row>(text, values))
  const [entry] = await query<{ size: string }>(
    `SELECT body_size AS size FROM ${schema}.entry WHERE id = $1::text::uuid`,
    [id],
  )
  const gone = (): Error =>
    storageError(
      settings.name,
      'the content of the message is not there any more',
      'Its entry was settled, discarded or purged meanwhile: there is nothing left to send.',
    )
  const size = Number(entry?.size ?? 0)
  if (size === 0) throw gone()
  for (let at = from; at < size;) {
    signal?.throwIfAborted()
    const place = Math.floor(at / CHUNK)
    const [row] = await query<{ content: Uint8Array }>(
      `SELECT content FROM ${schema}.chunk WHERE entry_id = $1::text::uuid AND place = $2::int`,
      [id, place],
    )
    if (!row) throw gone()
    const content = row.content.subarray(at - place * CHUNK)
    at += content.byteLength
    yield content
  }
}
