import { closeSync, openSync, statSync, type Stats } from 'node:fs'
import { dirname } from 'node:path'
import { joinTransaction } from './caller-transaction.ts'
import { GroupCommit } from './group-commit.ts'
import { migrate } from './migrate.ts'
import { valuesOf, type SqliteConnection } from './sqlite-connection.ts'
import { sqliteFailure } from './sqlite-failure.ts'
import { whileBusy } from './while-busy.ts'
import { storageError } from '../store/storage-error.ts'
import type { MailError } from '@loudmail/core'

/** Where a file is, and how it is opened. */
export interface SqliteFileOptions {
  readonly store: string
  readonly file: string
  readonly busyMs: number
  readonly connect: (file: string) => SqliteConnection
}

/** Above this size of the WAL, in octets, all of it is moved into the file, as soon as nobody reads. */
const LARGE_WAL = 32 * 1024 * 1024

/** The database: opened when it is needed, and once again after it was lost. */
export class SqliteFile {
  readonly #options: SqliteFileOptions
  readonly #group: GroupCommit
  #opening: Promise<SqliteConnection> | undefined
  #connection: SqliteConnection | undefined
  #file = ''
  #log = ''
  #version: unknown
  #nextCheckpoint = 0

  constructor(options: SqliteFileOptions) {
    this.#options = options
    this.#group = new GroupCommit({
      busyMs: options.busyMs,
      connection: () => {
        this.#check('no')
        return this.#connection!
      },
      committed: () => this.#committed(),
      failure: (error, isAdded) => this.failure(error, isAdded),
    })
  }

  /** The open connection. */
  open(): Promise<SqliteConnection> {
    this.#opening ??= this.#open()
    return this.#opening
  }

  /** Reads. */
  async read<Result>(query: (connection: SqliteConnection) => Result): Promise<Result> {
    const connection = await this.open()
    try {
      return await whileBusy(this.#options.busyMs, () => {
        const result = query(connection)
        this.#check('no')
        return result
      })
    } catch (error) {
      throw this.failure(error)
    }
  }

  /** Makes a change together with those of the same turn. It is on disk when the promise resolves. */
  async write<Result>(change: (connection: SqliteConnection) => Result): Promise<Result> {
    await this.open()
    return this.#group.run(change)
  }

  /** Makes a change in a transaction of the caller. */
  async join<Result>(
    caller: SqliteConnection,
    change: (connection: SqliteConnection) => Result,
  ): Promise<Result> {
    try {
      return await joinTransaction(caller, this.#options.busyMs, change)
    } catch (error) {
      throw this.failure(error)
    }
  }

  /** What SQLite or the file system said, as a failure of the store. */
  failure(error: unknown, isAdded: 'no' | 'unknown' = 'no'): MailError {
    return sqliteFailure(this.#options.store, this.#options.file, error, isAdded)
  }

  /** Tells whether another connection has changed something since the last call. */
  hasNews(): boolean {
    if (!this.#connection) return false
    const [version] = valuesOf(this.#connection, 'PRAGMA data_version')
    const isNew = version !== this.#version
    this.#version = version
    return isNew
  }

  /** Closes it. Nothing may be in progress. */
  close(): void {
    this.#connection?.close()
    this.#connection = undefined
  }

  async #open(): Promise<SqliteConnection> {
    const { busyMs } = this.#options
    try {
      return (this.#connection = await whileBusy(busyMs, () => this.#connect()))
    } catch (error) {
      this.#opening = undefined
      throw this.failure(error)
    }
  }

  #connect(): SqliteConnection {
    const { store, file, connect } = this.#options
    this.#prepareFile()
    const connection = connect(file)
    try {
      connection.exec('PRAGMA busy_timeout = 0')
      const [mode] = valuesOf(connection, 'PRAGMA journal_mode = WAL')
      if (mode !== 'wal')
        throw storageError(
          store,
          'the file cannot have a write-ahead log',
          'Keep the file on a disk of this machine: the write-ahead log of SQLite does not work on network drives.',
        )
      // On macOS, only a full fsync reaches the disk.
      connection.exec(
        `PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON; PRAGMA journal_size_limit = ${LARGE_WAL}`,
      )
      migrate(connection, store)
      this.#file = identityOf(file)
      this.#log = identityOf(`${file}-wal`)
      return connection
    } catch (error) {
      connection.close()
      throw error
    }
  }

  /** Creates the file so that others cannot read it: there is mail in it. */
  #prepareFile(): void {
    const { store, file } = this.#options
    const found = statSync(file, { throwIfNoEntry: false })
    if (found?.isDirectory())
      throw storageError(store, 'the path is a folder', `Give the path of a file, such as ${file}/mail.db.`)
    // The log beside a file must not get into another one.
    if (this.#file !== '' && identityOf(file) !== this.#file) throw this.#lost('no')
    if (found) return
    if (!statSync(dirname(file), { throwIfNoEntry: false })?.isDirectory())
      throw storageError(
        store,
        `the folder ${dirname(file)} does not exist`,
        'Create the folder, or correct the path.',
      )
    try {
      closeSync(openSync(file, 'wx', 0o600))
    } catch (error) {
      // Another process was faster.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }

  #committed(): void {
    // A file that was moved away during the change has it once it is back.
    const walSize = this.#check('unknown')
    if (walSize < LARGE_WAL || Date.now() < this.#nextCheckpoint) return
    this.#nextCheckpoint = Date.now() + 1_000
    try {
      // Answers "busy" at once if somebody reads what would be moved. Then it is tried again after a later change.
      valuesOf(this.#connection!, 'PRAGMA wal_checkpoint(TRUNCATE)')
    } catch {
      // Such as on a full disk. The change is in the log, and stays: to fail now would have the caller make it twice.
    }
  }

  /** Throws if the file, or its log, is not the one that was opened. Returns the size of the log. */
  #check(isAdded: 'no' | 'unknown'): number {
    const { file } = this.#options
    const log = statSync(`${file}-wal`, { throwIfNoEntry: false })
    if (this.#connection && log && identityOf(log) === this.#log && identityOf(file) === this.#file)
      return log.size
    this.#opening = undefined
    this.close()
    throw this.#lost(isAdded)
  }

  #lost(isAdded: 'no' | 'unknown'): MailError {
    const { store, file } = this.#options
    return storageError(
      store,
      'the file, or the log beside it, was deleted or replaced while it was in use',
      `Put ${file} back: the outbox goes on by itself then. To replace it, stop all programs that use it, and remove ${file}-wal and ${file}-shm as well.`,
      undefined,
      isAdded,
    )
  }
}

function identityOf(file: string | Stats): string {
  const found = typeof file === 'string' ? statSync(file, { throwIfNoEntry: false }) : file
  return found ? `${found.dev}:${found.ino}` : ''
}
