import type { DatabaseSync } from 'node:sqlite'
import { inTransaction } from './in-transaction.ts'
import { MIGRATIONS } from './schema.ts'
import { storageError } from '../storage-error.ts'

/**
 * Brings the tables to the version that this code knows.
 *
 * @throws MailError `submit/storage` if a newer version wrote the file
 */
export function migrate(connection: DatabaseSync, store: string): void {
  if (versionOf(connection, store) === MIGRATIONS.length) return
  inTransaction(connection, () => {
    connection.exec(
      'CREATE TABLE IF NOT EXISTS loudmail_suppression_migrations (version INTEGER PRIMARY KEY, since TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT',
    )
    // Another process may have done it meanwhile.
    for (let version = versionOf(connection, store); version < MIGRATIONS.length; version++) {
      const { since, sql } = MIGRATIONS[version]!
      connection.exec(sql)
      connection
        .prepare('INSERT INTO loudmail_suppression_migrations VALUES (?, ?, ?)')
        .run(version + 1, since, Date.now())
    }
  })
}

/** The version of the tables; 0 if there are none. */
function versionOf(connection: DatabaseSync, store: string): number {
  const exists = connection
    .prepare("SELECT 1 FROM sqlite_schema WHERE name = 'loudmail_suppression_migrations'")
    .get()
  if (!exists) return 0
  const { version = 0, since } = (connection
    .prepare('SELECT version, since FROM loudmail_suppression_migrations ORDER BY version DESC LIMIT 1')
    .get() ?? {}) as { version?: number; since?: string }
  if (version > MIGRATIONS.length)
    throw storageError(
      store,
      `the file was written by @loudmail/webhooks ${since} or newer, and this version is older`,
      `Update @loudmail/webhooks to ${since} or newer in every program that uses the file.`,
    )
  return version
}
