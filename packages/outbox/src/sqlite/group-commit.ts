import { setImmediate as nextTurn } from 'node:timers/promises'
import { isBusy, leavesDoubt } from './sqlite-failure.ts'
import { prepare, type SqliteConnection } from './sqlite-connection.ts'
import { busyPause } from './while-busy.ts'

/** A change that waits for its transaction. It may be made again, if that one failed for another reason. */
interface Waiting {
  readonly change: (connection: SqliteConnection) => unknown
  readonly resolve: (result: never) => void
  readonly reject: (error: unknown) => void
  readonly since: number
}

/** What a {@link GroupCommit} needs to know of the file. */
export interface GroupCommitFile {
  /** The open connection. Throws if there is none. */
  readonly connection: () => SqliteConnection
  /** Called after each COMMIT. Throws if it was made to a file that is not there any more. */
  readonly committed: () => void
  /** How an error is told. */
  readonly failure: (error: unknown, isAdded?: 'no' | 'unknown') => unknown
  /** How long to wait for other connections, in ms. */
  readonly busyMs: number
}

/** No change is added to a transaction that takes longer than this already, in ms: it blocks the event loop. */
const LONGEST_MS = 10

/** Makes the changes of one turn in one transaction: they wait for the disk together. */
export class GroupCommit {
  readonly #file: GroupCommitFile
  #waiting: Waiting[] = []
  #isWorking = false

  constructor(file: GroupCommitFile) {
    this.#file = file
  }

  /** Makes a change. It is on disk when the promise resolves. */
  run<Result>(change: (connection: SqliteConnection) => Result): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ change, resolve, reject, since: performance.now() })
      if (!this.#isWorking) void this.#work()
    })
  }

  async #work(): Promise<void> {
    this.#isWorking = true
    while (this.#waiting.length > 0) {
      await nextTurn()
      const connection = this.#begin()
      if (connection) this.#commit(connection)
      else await busyPause()
    }
    this.#isWorking = false
  }

  /** Begins a transaction. If that is not possible, those that waited long enough fail. */
  #begin(): SqliteConnection | undefined {
    try {
      const connection = this.#file.connection()
      prepare(connection, 'BEGIN IMMEDIATE').run()
      return connection
    } catch (error) {
      const limit = isBusy(error) ? performance.now() - this.#file.busyMs : Infinity
      const failed = this.#waiting.filter(({ since }) => since <= limit)
      this.#waiting = this.#waiting.filter(({ since }) => since > limit)
      for (const { reject } of failed) reject(this.#file.failure(error))
      return undefined
    }
  }

  #commit(connection: SqliteConnection): void {
    const begin = performance.now()
    const results: unknown[] = []
    try {
      for (const { change } of this.#waiting) {
        results.push(change(connection))
        if (performance.now() - begin > LONGEST_MS) break
      }
    } catch (error) {
      rollback(connection)
      // The others must not fail with it: they are made again.
      const [failed] = this.#waiting.splice(results.length, 1)
      failed!.reject(this.#file.failure(error))
      return
    }
    const group = this.#waiting.splice(0, results.length)
    try {
      prepare(connection, 'COMMIT').run()
      this.#file.committed()
    } catch (error) {
      rollback(connection)
      const failure = this.#file.failure(error, leavesDoubt(error) ? 'unknown' : 'no')
      for (const { reject } of group) reject(failure)
      return
    }
    for (const [index, { resolve }] of group.entries()) resolve(results[index] as never)
  }
}

function rollback(connection: SqliteConnection): void {
  try {
    connection.exec('ROLLBACK')
  } catch {
    // SQLite has rolled back by itself, or the connection is closed.
  }
}
