import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'vitest'
import { sqlite } from '../../src/index.ts'
import { outboxStoreContract, type CallerTransaction, type StoreSubject } from '../../src/store.ts'

interface SqliteSubject extends StoreSubject {
  readonly file: string
}

function create(): SqliteSubject {
  const folder = mkdtempSync(join(tmpdir(), 'outbox-'))
  const file = join(folder, 'mail.db')
  const garbage = join(folder, 'garbage.db')
  writeFileSync(garbage, 'This is no database. '.repeat(100))
  return {
    file,
    store: sqlite(file),
    another: () => sqlite(file),
    unusable: () => sqlite(garbage),
    release: () => rmSync(folder, { recursive: true }),
  }
}

const nodeSqlite: CallerTransaction<SqliteSubject> = async ({ file }, work) => {
  const database = new DatabaseSync(file)
  try {
    database.exec('BEGIN')
    await work(database)
    database.exec('COMMIT')
  } finally {
    database.close()
  }
}

describe('sqlite()', () => {
  const contract = outboxStoreContract({ create, transactions: { 'node:sqlite': nodeSqlite } })
  for (const { title, run } of contract) it(title, run)
})
