import type { ContentFiles } from './content-files.ts'
import { valuesOf, type SqliteConnection } from './sqlite-connection.ts'

/** So many files are looked at in one transaction. */
const PAGE = 100

/**
 * Removes large content that belongs to no entry: of a transaction that was rolled back, or of a process that died.
 *
 * It looks for the entry while it has the write lock. Nobody else has an open transaction then that has written something, so
 * an entry that it does not see will never be there, unless its transaction begins later. Such a one looks whether its content
 * is still there, while it has the write lock itself, and fails if it is not. The age only keeps that from happening.
 */
export async function sweepContent(
  files: ContentFiles,
  write: <Result>(change: (connection: SqliteConnection) => Result) => Promise<Result>,
  before: number,
): Promise<void> {
  const old = await files.olderThan(before)
  for (let at = 0; at < old.length; at += PAGE) {
    const page = old.slice(at, at + PAGE)
    await write((connection) => {
      for (const id of page) if (!isNeeded(connection, id)) files.removeNow(id)
    })
  }
}

function isNeeded(connection: SqliteConnection, id: string): boolean {
  const sql =
    'SELECT 1 FROM loudmail_outbox JOIN loudmail_outbox_message ON entry = number WHERE id = ? AND body_size > 0'
  return valuesOf(connection, sql, id).length > 0
}
