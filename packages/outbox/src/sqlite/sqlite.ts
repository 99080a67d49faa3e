import { once } from 'node:events'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { checkOptions } from '@loudmail/core/transport'
import { GroupCommit } from './group-commit.ts'
import { SCHEMA } from './schema.ts'
import { closedError, storageError } from '../store/storage-error.ts'
import {
  KEPT_STATES,
  type Added,
  type EntryChange,
  type EntryRecord,
  type KeptState,
  type NewEntry,
  type OutboxStore,
} from '../store/store.ts'

/** The options of {@link sqlite}. */
export interface SqliteOptions {
  /** How often it looks for entries of other processes, in ms. @default 250 */
  readonly pollMs?: number | undefined
}

/** A connection to the same file as the store, in which a transaction is open: that of `node:sqlite`, or of better-sqlite3. */
interface Connection {
  prepare(sql: string): { run(...values: unknown[]): unknown; get(...values: unknown[]): unknown }
}

/** Keeps an outbox in a SQLite file, which any number of processes on one machine may use. */
export function sqlite(file: string, options: SqliteOptions = {}): OutboxStore {
  checkOptions(options, 'sqlite()', { pollMs: true })
  const name = `sqlite(${basename(file)})`
  const folder = `${file}-content`
  const { pollMs = 250 } = options
  const listeners = new Set<() => void>()
  let database: DatabaseSync | undefined
  let group: GroupCommit | undefined
  let isClosed = false
  let poll: NodeJS.Timeout | undefined
  const statements = new Map<string, StatementSync>()

  function open(): { database: DatabaseSync; group: GroupCommit } {
    if (isClosed) throw closedError(name)
    if (database && group) return { database, group }
    try {
      database = new DatabaseSync(file)
      database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000')
      database.exec(SCHEMA)
    } catch (error) {
      throw storageError(name, 'the file cannot be opened', 'Check the path and its permissions.', error)
    }
    group = new GroupCommit(database)
    let version = 0
    poll = setInterval(() => {
      const now = Number(Object.values(prepare('PRAGMA data_version').get()!)[0])
      if (now !== version) announce()
      version = now
    }, pollMs).unref()
    return { database, group }
  }

  function prepare(sql: string): StatementSync {
    let statement = statements.get(sql)
    if (!statement) statements.set(sql, (statement = open().database.prepare(sql)))
    return statement
  }

  function announce(): void {
    for (const listener of listeners) listener()
  }

  /** Runs a change together with others that are made in the same turn. */
  async function commit<Result>(change: () => Result): Promise<Result> {
    const { group: own } = open()
    try {
      return await own.run(change)
    } catch (error) {
      throw storageError(name, 'the file cannot be written', 'Check that the disk is not full.', error)
    }
  }

  const run = (sql: string, ...values: SQLInputValue[]): boolean =>
    Number(prepare(sql).run(...values).changes) > 0

  async function writeBody(entry: NewEntry): Promise<number> {
    if (!entry.body) return 0
    await mkdir(folder, { recursive: true })
    const stream = createWriteStream(join(folder, entry.id), { flush: true })
    let octets = 0
    for await (const chunk of entry.body.open()) {
      octets += chunk.byteLength
      if (!stream.write(Buffer.from(chunk))) await once(stream, 'drain')
    }
    stream.end()
    await once(stream, 'close')
    return octets
  }

  function insert(connection: Connection, entry: NewEntry, bodySize: number): Added {
    const { id, messageId = null, idempotencyKey = null, priority, dueAt, createdAt, progress } = entry
    if (idempotencyKey !== null) {
      const known = connection
        .prepare('SELECT id, message_id FROM loudmail_outbox WHERE idempotency_key = ?')
        .get(idempotencyKey) as { id: string; message_id: string | null } | undefined
      if (known) return { id: known.id, messageId: known.message_id ?? undefined, isNew: false }
    }
    connection
      .prepare(
        'INSERT INTO loudmail_outbox (id, message_id, idempotency_key, priority, due_at, created_at, updated_at, progress, head, body_size) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      )
      .run(
        id,
        messageId,
        idempotencyKey,
        priority,
        dueAt,
        createdAt,
        createdAt,
        progress,
        entry.head(),
        bodySize,
      )
    return { id, messageId: messageId ?? undefined, isNew: true }
  }

  function applyChange(
    id: string,
    { state, dueAt, attempts, progress, dropsMessage }: EntryChange,
    where: string,
    ...values: SQLInputValue[]
  ): boolean {
    const changed = run(
      `UPDATE loudmail_outbox SET state = ?, due_at = coalesce(?, due_at), attempts = coalesce(?, attempts), progress = coalesce(?, progress), begun = 0, updated_at = ?, head = iif(?, zeroblob(0), head) WHERE id = ? AND ${where}`,
      state,
      dueAt ?? null,
      attempts ?? null,
      progress ?? null,
      Date.now(),
      dropsMessage ? 1 : 0,
      id,
      ...values,
    )
    if (changed && state === 'waiting') setImmediate(announce)
    return changed
  }

  async function dropBody(id: string, isDropped: boolean): Promise<void> {
    if (isDropped && (await get(id))?.bodySize) await rm(join(folder, id), { force: true })
  }

  async function get(id: string): Promise<EntryRecord | undefined> {
    const row = prepare('SELECT * FROM loudmail_outbox WHERE id = ?').get(id)
    return row && recordOf(row)
  }

  return {
    name,
    async open() {
      open()
    },
    async add(entry, using) {
      const bodySize = await writeBody(entry)
      if (using !== undefined) {
        open()
        return insert(using as Connection, entry, bodySize)
      }
      const added = await commit(() => insert({ prepare }, entry, bodySize))
      announce()
      return added
    },
    async lease(most, leaseMs) {
      const now = Date.now()
      const rows = await commit(() =>
        prepare(
          `UPDATE loudmail_outbox SET state = 'in-flight', lease = lease + 1, leased_until = ?, updated_at = ?
           WHERE id IN (SELECT id FROM loudmail_outbox WHERE (state = 'waiting' AND due_at <= ?) OR (state = 'in-flight' AND leased_until <= ?) ORDER BY priority DESC, due_at LIMIT ?)
           RETURNING *`,
        ).all(now + leaseMs, now, now, now, most),
      )
      return rows.map((row) => ({ entry: recordOf(row), token: Number(row.lease) }))
    },
    async extend(leases, leaseMs) {
      const until = Date.now() + leaseMs
      return commit(() =>
        leases.filter(
          ({ entry, token }) =>
            !run(
              "UPDATE loudmail_outbox SET leased_until = ? WHERE id = ? AND lease = ? AND state = 'in-flight'",
              until,
              entry.id,
              token as number,
            ),
        ),
      )
    },
    begin: ({ entry, token }) =>
      commit(() =>
        run(
          "UPDATE loudmail_outbox SET begun = 1 WHERE id = ? AND lease = ? AND state = 'in-flight'",
          entry.id,
          token as number,
        ),
      ),
    async settle({ entry, token }, change) {
      const isChanged = await commit(() =>
        applyChange(entry.id, change, "lease = ? AND state IN ('in-flight', 'in-doubt')", token as number),
      )
      if (isChanged && entry.bodySize > 0) await dropBody(entry.id, change.dropsMessage === true)
      return isChanged
    },
    async change(id, from, change) {
      const isChanged = await commit(() =>
        applyChange(id, change, `state IN (${from.map((state) => `'${state}'`).join(', ')})`),
      )
      if (isChanged) await dropBody(id, change.dropsMessage === true)
      return isChanged
    },
    openBody: (id, from, signal) =>
      createReadStream(join(folder, id), { start: from, ...(signal && { signal }) }),
    get,
    async *list({ state, dueAfter, dueUntil, newestFirst = false }) {
      let last = newestFirst ? '~' : ''
      for (;;) {
        const rows = prepare(
          `SELECT id, state, message_id, idempotency_key, priority, due_at, created_at, updated_at, attempts, begun, progress, body_size, zeroblob(0) AS head FROM loudmail_outbox
           WHERE id ${newestFirst ? '<' : '>'} ? AND (?2 IS NULL OR state = ?2) AND (?3 IS NULL OR due_at > ?3) AND (?4 IS NULL OR due_at <= ?4) ORDER BY id ${newestFirst ? 'DESC' : ''} LIMIT 100`,
        ).all(last, state ?? null, dueAfter ?? null, dueUntil ?? null)
        for (const row of rows) yield recordOf(row)
        if (rows.length < 100) return
        last = rows.at(-1)!.id as string
      }
    },
    async counts() {
      const rows = prepare(
        'SELECT state, count(*) AS number, count(*) FILTER (WHERE due_at > ?) AS later, min(due_at) AS oldest FROM loudmail_outbox GROUP BY state',
      ).all(Date.now())
      const found = new Map(rows.map((row) => [row.state, row]))
      const numbers = Object.fromEntries(
        KEPT_STATES.map((state) => [state, Number(found.get(state)?.number ?? 0)]),
      )
      const oldest = Math.min(
        ...['waiting', 'in-flight'].map((state) => Number(found.get(state)?.oldest ?? Infinity)),
      )
      return {
        ...(numbers as Record<KeptState, number>),
        scheduled: Number(found.get('waiting')?.later ?? 0),
        oldestDueAt: oldest === Infinity ? undefined : oldest,
      }
    },
    async purge(states, before) {
      const rows = await commit(() =>
        prepare(
          `DELETE FROM loudmail_outbox WHERE state IN (${states.map(() => '?').join(', ')}) AND updated_at < ? RETURNING id, body_size`,
        ).all(...states, before),
      )
      for (const { id, body_size: size } of rows)
        if (size) await rm(join(folder, String(id)), { force: true })
      return rows.length
    },
    onWork(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async close() {
      if (isClosed) return
      isClosed = true
      clearInterval(poll)
      await group?.idle()
      database?.close()
    },
  }
}

function recordOf(row: Record<string, unknown>): EntryRecord {
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
    head: row.head as Uint8Array,
    bodySize: Number(row.body_size),
  }
}
