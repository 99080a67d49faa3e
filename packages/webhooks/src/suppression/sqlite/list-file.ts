import { closeSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { setTimeout as wait } from 'node:timers/promises'
import type { MailError } from '@loudmail/core'
import { configError } from '@loudmail/core/transport'
import { inTransaction } from './in-transaction.ts'
import { migrate } from './migrate.ts'
import { isBusy, sqliteFailure } from './sqlite-failure.ts'
import { closedError, storageError } from '../storage-error.ts'

/** The file of a list: opened when it is needed, and once again after it was lost. */
export class ListFile {
  readonly #store: string
  readonly #file: string
  readonly #busyMs: number
  #connection: DatabaseSync | undefined
  #identity = ''
  #logIdentity = ''
  #running = 0
  #isClosed = false
  #drained: (() => void) | undefined

  constructor(store: string, file: string, busyMs: number) {
    this.#store = store
    this.#file = file
    this.#busyMs = busyMs
  }

  /** Reads. */
  read<Result>(query: (connection: DatabaseSync) => Result): Promise<Result> {
    return this.#run(query)
  }

  /** Makes a change, all of it or nothing. It is on disk when the promise resolves. */
  write<Result>(change: (connection: DatabaseSync) => Result): Promise<Result> {
    return this.#run((connection) => inTransaction(connection, () => change(connection)))
  }

  /** Waits for what is in progress, then closes it. */
  async close(): Promise<void> {
    this.#isClosed = true
    if (this.#running > 0) await new Promise<void>((resolve) => (this.#drained = resolve))
    this.#connection?.close()
    this.#connection = undefined
  }

  /** Tries until no other connection has the lock that is needed, without blocking the event loop. */
  async #run<Result>(work: (connection: DatabaseSync) => Result): Promise<Result> {
    if (this.#isClosed) throw closedError(this.#store)
    this.#running++
    const end = performance.now() + this.#busyMs
    try {
      for (;;) {
        try {
          return work(this.#open())
        } catch (error) {
          if (!isBusy(error) || performance.now() >= end) throw sqliteFailure(this.#store, this.#file, error)
        }
        // Not always the same, so that processes do not try at the same time again and again.
        await wait(1 + Math.random() * 9)
      }
    } finally {
      if (--this.#running === 0) this.#drained?.()
    }
  }

  #open(): DatabaseSync {
    if (this.#connection) {
      this.#check()
      return this.#connection
    }
    this.#prepareFile()
    const connection = connect(this.#file)
    try {
      connection.exec('PRAGMA busy_timeout = 0')
      const { journal_mode: mode } = connection.prepare('PRAGMA journal_mode = WAL').get() as Record<
        string,
        unknown
      >
      if (mode !== 'wal')
        throw storageError(
          this.#store,
          'the file cannot have a write-ahead log',
          'Keep the file on a disk of this machine: the write-ahead log of SQLite does not work on network drives.',
        )
      // On macOS, only a full fsync reaches the disk.
      connection.exec('PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON')
      migrate(connection, this.#store)
    } catch (error) {
      connection.close()
      throw error
    }
    this.#identity = identityOf(this.#file)
    this.#logIdentity = identityOf(`${this.#file}-wal`)
    return (this.#connection = connection)
  }

  /** Creates the file so that others cannot read it: there are addresses in it. */
  #prepareFile(): void {
    const file = this.#file
    const found = statSync(file, { throwIfNoEntry: false })
    if (found?.isDirectory())
      throw storageError(
        this.#store,
        'the path is a folder',
        `Give the path of a file, such as ${file}/suppressed.db.`,
      )
    // A new list would be empty, and mail would go to everybody.
    if (this.#identity !== '' && identityOf(file) !== this.#identity) throw this.#lost()
    if (found) return
    if (!statSync(dirname(file), { throwIfNoEntry: false })?.isDirectory())
      throw storageError(
        this.#store,
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

  /** Throws if the file, or its log, is not the one that was opened: what others write would not be seen. */
  #check(): void {
    if (identityOf(this.#file) === this.#identity && identityOf(`${this.#file}-wal`) === this.#logIdentity)
      return
    this.#connection?.close()
    this.#connection = undefined
    throw this.#lost()
  }

  #lost(): MailError {
    return storageError(
      this.#store,
      'the file, or the log beside it, was deleted or replaced while it was in use',
      `Put ${this.#file} back: the list is read again then. To replace it, stop all programs that use it, and remove ${this.#file}-wal and ${this.#file}-shm as well.`,
    )
  }
}

/** Opens a file with Node's own SQLite. It is loaded here, because Node 22 prints a warning when it is. */
function connect(file: string): DatabaseSync {
  const sqlite = process.getBuiltinModule?.('node:sqlite') as typeof import('node:sqlite') | undefined
  if (!sqlite) throw configError('sqliteSuppressions() needs node:sqlite, which Node 22.13 or newer has')
  return new sqlite.DatabaseSync(file)
}

function identityOf(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false })
  return found ? `${found.dev}:${found.ino}` : ''
}
