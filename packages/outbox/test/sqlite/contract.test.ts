import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import Database from 'libsql'
import { describe, it } from 'vitest'
import { sqlite, type SqliteConnection, type SqliteOptions } from '../../src/index.ts'
import { outboxStoreContract, type CallerTransaction, type StoreSubject } from '../../src/store.ts'

interface SqliteSubject extends StoreSubject {
  readonly file: string
}

/** With SQLite as Node brings it, or with a library that works like better-sqlite3. */
function creator(options: SqliteOptions): () => SqliteSubject {
  return () => {
    const folder = mkdtempSync(join(tmpdir(), 'outbox-'))
    const file = join(folder, 'mail.db')
    const garbage = join(folder, 'garbage.db')
    writeFileSync(garbage, 'This is no database. '.repeat(100))
    return {
      file,
      store: sqlite(file, options),
      another: () => sqlite(file, options),
      unusable: () => sqlite(garbage, options),
      release: () => rmSync(folder, { recursive: true }),
    }
  }
}

function transactionOn(open: (file: string) => SqliteConnection): CallerTransaction<SqliteSubject> {
  return async ({ file }, work) => {
    const database = open(file)
    try {
      database.exec('BEGIN')
      await work(database)
      database.exec('COMMIT')
    } catch (error) {
      database.exec('ROLLBACK')
      throw error
    } finally {
      database.close()
    }
  }
}

const withNode = (file: string): SqliteConnection => new DatabaseSync(file)
const withLibsql = (file: string): SqliteConnection => new Database(file)

describe.each([
  { library: 'node:sqlite', options: {}, connect: withNode },
  { library: 'libsql', options: { connect: withLibsql }, connect: withLibsql },
])('sqlite() with $library', ({ library, options, connect }) => {
  const contract = outboxStoreContract({
    create: creator(options),
    transactions: { [library]: transactionOn(connect) },
  })
  for (const { title, run } of contract) it(title, run)
})
