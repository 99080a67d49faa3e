import { statSync } from 'node:fs'
import type { MailError } from '@loudmail/core'
import { configError } from '@loudmail/core/transport'
import { versionOf } from './migrate.ts'
import { MIGRATIONS } from './schema.ts'
import { whileBusy } from './while-busy.ts'
import { valuesOf, type SqliteConnection } from './sqlite-connection.ts'

/**
 * Checks that an entry can be added in a transaction of the caller.
 *
 * @throws MailError `config/invalid-config` that says what to pass
 */
export function checkTransaction(using: unknown, store: string, file: string): SqliteConnection {
  if (!isConnection(using)) throw refusal(store, 'is not a connection to SQLite')
  if (!isInTransaction(using)) throw refusal(store, 'has no open transaction')
  const main = valuesOf(using, "SELECT file FROM pragma_database_list WHERE name = 'main'")[0]
  if (typeof main !== 'string' || !isSameFile(main, file))
    throw refusal(store, 'is a connection to another file')
  if (versionOf(using, store) < MIGRATIONS.length)
    throw refusal(
      store,
      'began before the tables of the outbox were there: call `verify()` of the outbox once when the program starts, before any transaction',
    )
  return using
}

/**
 * Checks that the caller uses the same SQLite library as the store.
 *
 * @throws MailError `config/invalid-config` that says what to do
 */
export function checkLibrary(using: unknown, own: SqliteConnection, store: string): void {
  if ((using as object).constructor !== own.constructor)
    throw refusal(
      store,
      'is a connection of another SQLite library than that of the store. Two SQLite libraries in one process do not see the locks of each other, and lose what was written: let the store use the same one, as in `sqlite(file, { connect: (file) => new Database(file) })`',
    )
}

/** Makes a change in the transaction of the caller: all of it or nothing. */
export async function joinTransaction<Result>(
  connection: SqliteConnection,
  busyMs: number,
  change: (connection: SqliteConnection) => Result,
): Promise<Result> {
  return whileBusy(busyMs, () => {
    connection.exec('SAVEPOINT loudmail')
    try {
      const result = change(connection)
      connection.exec('RELEASE loudmail')
      return result
    } catch (error) {
      try {
        connection.exec('ROLLBACK TO loudmail; RELEASE loudmail')
      } catch {
        // SQLite has rolled back the whole transaction. The first error counts.
      }
      throw error
    }
  })
}

function refusal(store: string, why: string): MailError {
  return configError(
    `\`using\` ${why}. Pass the DatabaseSync of node:sqlite, or the connection of the library that \`connect\` of sqlite() uses, with an open transaction on the file of ${store}`,
  )
}

function isConnection(using: unknown): using is SqliteConnection {
  if (typeof using !== 'object' || using === null) return false
  const { prepare, exec } = using as Partial<SqliteConnection>
  return typeof prepare === 'function' && typeof exec === 'function'
}

function isInTransaction(connection: SqliteConnection): boolean {
  const { isTransaction, inTransaction } = connection as {
    readonly isTransaction?: boolean
    readonly inTransaction?: boolean
  }
  const known = isTransaction ?? inTransaction
  if (known !== undefined) return known
  // Node before 22.16 does not tell. A transaction cannot begin within another one.
  try {
    connection.exec('BEGIN')
  } catch {
    return true
  }
  connection.exec('ROLLBACK')
  return false
}

function isSameFile(one: string, other: string): boolean {
  const [first, second] = [one, other].map((path) => statSync(path, { throwIfNoEntry: false }))
  return first !== undefined && second !== undefined && first.ino === second.ino && first.dev === second.dev
}
