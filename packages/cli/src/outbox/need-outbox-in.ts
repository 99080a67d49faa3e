import { statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { UsageError } from '../usage-error.ts'

/** SQLITE_NOTADB. */
const NOT_A_DATABASE = 26

/**
 * Makes sure that a file has an outbox in it: opening the store would create one.
 *
 * @throws UsageError
 */
export function needOutboxIn(file: string): void {
  const found = statSync(file, { throwIfNoEntry: false })
  if (!found) throw new UsageError(`there is no file ${file}`)
  if (found.isDirectory()) throw new UsageError(`${file} is a folder, not a file`)
  if (!hasOutbox(file)) throw new UsageError(`there is no outbox in ${file}`)
}

function hasOutbox(file: string): boolean {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(file, { readOnly: true })
    const table = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name LIKE 'loudmail_outbox%'"
    return database.prepare(table).get() !== undefined
  } catch (error) {
    // What else is wrong with it, the store says better.
    return (error as { errcode?: number }).errcode !== NOT_A_DATABASE
  } finally {
    database?.close()
  }
}
