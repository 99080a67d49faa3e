import { basename, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MailError } from '@loudmail/core'
import { checkNumber, checkOptions, configError, LONGEST_MS, thrownInWords } from '@loudmail/core/transport'
import { checkLibrary, checkTransaction } from './caller-transaction.ts'
import {
  beginEntry,
  changeEntry,
  extendLease,
  insertEntry,
  leaseEntries,
  purgeEntries,
  settleEntry,
  type Changed,
} from './change-entries.ts'
import { ContentFiles } from './content-files.ts'
import { duePlaces } from './due-entries.ts'
import { countEntries, getEntry, listEntries } from './read-entries.ts'
import { connectWithNode, type SqliteConnection } from './sqlite-connection.ts'
import { SqliteFile } from './sqlite-file.ts'
import { sweepContent } from './sweep-content.ts'
import { closedError } from '../store/storage-error.ts'
import type { Added, EntryChange, KeptState, NewEntry, OutboxStore } from '../store/store.ts'

/** The options of {@link sqlite}. */
export interface SqliteOptions {
  /** How often it looks for entries of other processes and connections, in ms. @default 250 */
  readonly pollMs?: number | undefined
  /** How long a call waits while other processes and connections write, in ms. After that it fails with `submit/storage`. @default 5_000 */
  readonly busyMs?: number | undefined
  /**
   * Opens the file with the SQLite library of the application: `(file) => new Database(file)` for better-sqlite3. Needed if
   * this process uses the file with another library than `node:sqlite`: two libraries in one process do not see the locks of
   * each other. @default node:sqlite
   */
  readonly connect?: ((file: string) => SqliteConnection) | undefined
}

const HOUR_MS = 60 * 60 * 1_000

/**
 * Keeps an outbox in a SQLite file, which any number of processes on one machine may use. It may be the database of the
 * application: the tables begin with `loudmail_`. Large content is in a folder beside it, `mail.db-content`.
 *
 * @throws MailError `config/invalid-config`
 */
export function sqlite(file: string | URL, options: SqliteOptions = {}): OutboxStore {
  checkOptions(options, 'sqlite()', { pollMs: true, busyMs: true, connect: true })
  const { pollMs = 250, busyMs = 5_000, connect = connectWithNode } = options
  checkNumber(pollMs, 'sqlite() pollMs', 10)
  checkNumber(busyMs, 'sqlite() busyMs', 0)
  if (pollMs > LONGEST_MS) throw configError(`sqlite() pollMs must be at most ${LONGEST_MS}`)
  if (typeof connect !== 'function') throw configError('sqlite() connect must be a function')
  const path = pathOf(file)
  const name = `sqlite(${basename(path)})`
  const database = new SqliteFile({ store: name, file: path, busyMs, connect })
  const files = new ContentFiles(name, `${path}-content`)
  const listeners = new Set<() => void>()
  const running = new Set<Promise<unknown>>()
  let closing: Promise<void> | undefined
  let poll: NodeJS.Timeout | undefined
  let nextSweep = 0

  /** Runs what close() waits for. */
  async function run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (closing) throw closedError(name)
    const result = work()
    running.add(result)
    try {
      return await result
    } finally {
      running.delete(result)
    }
  }

  async function open(): Promise<SqliteConnection> {
    const connection = await database.open()
    if (!poll) {
      poll = setInterval(look, pollMs).unref()
      look()
    }
    return connection
  }

  /** Looks what others did, and removes what nobody needs from time to time. */
  function look(): void {
    if (closing) return
    if (hasNews()) announce()
    if (Date.now() < nextSweep) return
    nextSweep = Date.now() + HOUR_MS
    run(() => sweepContent(files, write, Date.now() - HOUR_MS)).catch((error: unknown) =>
      process.emitWarning(
        `${name} cannot remove content that nobody needs: ${thrownInWords(error)}`,
        'LoudmailWarning',
      ),
    )
  }

  /** Nobody waits for this one: whatever is wrong with the file, every other call tells. */
  function hasNews(): boolean {
    try {
      return database.hasNews()
    } catch {
      return false
    }
  }

  function announce(): void {
    for (const listener of listeners) listener()
  }

  async function read<Result>(query: (connection: SqliteConnection) => Result): Promise<Result> {
    await open()
    return database.read(query)
  }

  async function write<Result>(change: (connection: SqliteConnection) => Result): Promise<Result> {
    await open()
    return database.write(change)
  }

  async function add(entry: NewEntry, using: unknown): Promise<Added> {
    if (using !== undefined) checkTransaction(using, name, path)
    const own = await open()
    if (using !== undefined) checkLibrary(using, own, name)
    const bodySize = entry.body ? await files.write(entry.id, entry.body) : 0
    let isKept = false
    try {
      const head = entry.head()
      const insert = (connection: SqliteConnection): Added => {
        const added = insertEntry(connection, entry, head, bodySize)
        if (added.isNew && bodySize > 0 && !files.has(entry.id, bodySize)) throw files.missing()
        return added
      }
      const added =
        using === undefined
          ? await database.write(insert)
          : await database.join(checkTransaction(using, name, path), insert)
      isKept = added.isNew
      return added
    } catch (error) {
      isKept = MailError.is(error) && error.delivered === 'unknown'
      throw error
    } finally {
      if (bodySize > 0 && !isKept) await files.remove(entry.id)
    }
  }

  async function changed(
    id: string,
    { state }: EntryChange,
    { isChanged, dropsBody }: Changed,
  ): Promise<boolean> {
    if (isChanged && state === 'waiting') announce()
    // What cannot be removed now is removed later, with other content that nobody needs.
    if (dropsBody) await files.remove(id).catch(() => {})
    return isChanged
  }

  async function purge(state: KeptState, before: number): Promise<number> {
    let count = 0
    for (let after: string | undefined = ''; after !== undefined && !closing;) {
      const from: string = after
      const part = await write((connection) => purgeEntries(connection, state, before, from))
      for (const id of part.bodies) await files.remove(id).catch(() => {})
      count += part.count
      after = part.last
    }
    return count
  }

  async function close(): Promise<void> {
    clearInterval(poll)
    while (running.size > 0) await Promise.allSettled(running)
    database.close()
  }

  return {
    name,
    open: () => run(async () => void (await open())),
    add: (entry, using) =>
      run(async () => {
        const added = await add(entry, using)
        if (added.isNew && using === undefined) announce()
        return added
      }),
    lease: (most, leaseMs) =>
      run(async () => {
        // Whoever finds nothing does not need the lock of those who write.
        const due = await read((connection) => duePlaces(connection, Date.now(), Math.min(most, 1)))
        if (due.length === 0) return []
        return database.write((connection) => leaseEntries(connection, most, leaseMs))
      }),
    extend: (leases, leaseMs) =>
      run(() => write((connection) => leases.filter((lease) => !extendLease(connection, lease, leaseMs)))),
    begin: (lease) => run(() => write((connection) => beginEntry(connection, lease))),
    settle: (lease, change) =>
      run(async () => {
        const result = await write((connection) => settleEntry(connection, lease, change))
        return changed(lease.entry.id, change, result)
      }),
    change: (id, from, change, updatedAt) =>
      run(async () =>
        changed(
          id,
          change,
          await write((connection) => changeEntry(connection, id, from, change, updatedAt)),
        ),
      ),
    async *openBody(id, from, signal) {
      if (closing) throw closedError(name)
      yield* files.read(id, from, signal)
    },
    get: (id) => run(() => read((connection) => getEntry(connection, id))),
    list: (filter) => listEntries((query) => run(() => read(query)), filter),
    counts: () => run(() => read(countEntries)),
    purge: (states, before) =>
      run(async () => {
        let count = 0
        for (const state of states) count += await purge(state, before)
        if (states.length === 0) await open()
        return count
      }),
    onWork(listener) {
      listeners.add(listener)
      // Whatever is wrong with the file, every other call tells.
      run(open).catch(() => {})
      return () => listeners.delete(listener)
    },
    close: () => (closing ??= close()),
  }
}

function pathOf(file: string | URL): string {
  if (file instanceof URL) {
    if (file.protocol !== 'file:') throw configError('sqlite() needs a path, or a URL that begins with file:')
    return fileURLToPath(file)
  }
  if (typeof file !== 'string' || file === '') throw configError('sqlite() needs the path of a file')
  if (file === ':memory:' || file.startsWith('file:'))
    throw configError(
      'sqlite() needs the path of a file, such as mail.db: what is in memory only is lost with the process, and an outbox promises the opposite',
    )
  // Not as a path: a URL may have a password, and errors show paths.
  if (/^[a-z][a-z\d+.-]+:\/\//i.test(file))
    throw configError('sqlite() needs the path of a file, and not a URL. For PostgreSQL, use pgBoss(url)')
  return resolve(file)
}
