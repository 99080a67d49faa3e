import { MIGRATIONS } from './schema.ts'
import { changes, valuesOf, type SqliteConnection } from './sqlite-connection.ts'
import { storageError } from '../store/storage-error.ts'

/**
 * Brings the tables to the version that this code knows. The file may be the application's own, so the version is in a table
 * of ours, and not in `user_version`.
 *
 * @throws MailError `submit/storage` if a newer version wrote the file
 */
export function migrate(connection: SqliteConnection, store: string): void {
  if (versionOf(connection, store) === MIGRATIONS.length) return
  connection.exec('BEGIN IMMEDIATE')
  try {
    connection.exec(
      'CREATE TABLE IF NOT EXISTS loudmail_migrations (version INTEGER PRIMARY KEY, since TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT',
    )
    // Another process may have done it meanwhile.
    for (let version = versionOf(connection, store); version < MIGRATIONS.length; version++) {
      const { since, sql } = MIGRATIONS[version]!
      connection.exec(sql)
      changes(
        connection,
        'INSERT INTO loudmail_migrations (version, since, applied_at) VALUES (?, ?, ?)',
        version + 1,
        since,
        Date.now(),
      )
    }
    connection.exec('COMMIT')
  } catch (error) {
    try {
      connection.exec('ROLLBACK')
    } catch {
      // SQLite has rolled back by itself. The first error counts.
    }
    throw error
  }
}

/**
 * The version of the tables; 0 if there are none.
 *
 * @throws MailError `submit/storage` if it is newer than what this code knows
 */
export function versionOf(connection: SqliteConnection, store: string): number {
  const [exists] = valuesOf(
    connection,
    "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'loudmail_migrations'",
  )
  if (exists === undefined) return 0
  const [version = 0, since] = valuesOf(
    connection,
    'SELECT version, since FROM loudmail_migrations ORDER BY version DESC LIMIT 1',
  )
  if (Number(version) > MIGRATIONS.length)
    throw storageError(
      store,
      `the file was written by @loudmail/outbox ${String(since)} or newer, and this version is older (its tables have version ${Number(version)}, this one knows ${MIGRATIONS.length})`,
      `Update @loudmail/outbox to ${String(since)} or newer in every program that uses the file. To stay with this version, restore a backup from before the update.`,
    )
  return Number(version)
}
