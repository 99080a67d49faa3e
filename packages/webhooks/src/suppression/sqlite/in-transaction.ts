import type { DatabaseSync } from 'node:sqlite'

/** Makes a change, all of it or nothing. */
export function inTransaction<Result>(connection: DatabaseSync, work: () => Result): Result {
  connection.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    connection.exec('COMMIT')
    return result
  } catch (error) {
    try {
      connection.exec('ROLLBACK')
    } catch {
      // SQLite has rolled back by itself. The first error counts.
    }
    throw error
  }
}
