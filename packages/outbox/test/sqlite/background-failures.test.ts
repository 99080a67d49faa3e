import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { SqliteConnection } from '../../src/index.ts'
import { newEntry, newFolder, newStore } from './subject.ts'

/** A connection whose statement fails, as SQLite lets it fail, while `isBroken` says so. */
function failing(sql: string, errcode: number, isBroken: () => boolean) {
  const seen = { failures: 0 }
  const connect = (file: string): SqliteConnection => {
    const database = new DatabaseSync(file)
    const prepare = (text: string) => {
      const statement = database.prepare(text)
      if (!text.includes(sql)) return statement
      return {
        run: () => statement.run(),
        all: () => {
          if (!isBroken()) return statement.all()
          seen.failures++
          throw Object.assign(new Error('as SQLite says it'), { code: 'ERR_SQLITE_ERROR', errcode })
        },
      }
    }
    return { exec: (text) => database.exec(text), prepare, close: () => database.close() }
  }
  return { connect, seen }
}

describe('what a store does beside what it was asked for', () => {
  it('is no failure of an entry that is in the store, such as a log that cannot be moved on a full disk', async () => {
    const FULL = 13
    const { connect, seen } = failing('wal_checkpoint(TRUNCATE)', FULL, () => true)
    const file = join(newFolder(), 'mail.db')
    const store = newStore(file, { connect })
    await store.open()
    // Somebody reads for a long time, so that the log grows.
    const reader = new DatabaseSync(file)
    onTestFinished(() => reader.close())
    reader.exec('BEGIN; SELECT count(*) FROM loudmail_outbox')
    const head = Buffer.alloc(1_000_000, 'x')
    // More than 32 MiB.
    for (let number = 0; number < 40; number++) await store.add(newEntry({ head: () => head }))
    expect(seen.failures).toBeGreaterThan(0)
    expect((await store.counts()).waiting).toBe(40)
  })

  it('does not end the process, such as a look for news that fails, and goes on later', async () => {
    const BUSY = 5
    let isBroken = false
    const { connect, seen } = failing('data_version', BUSY, () => isBroken)
    const file = join(newFolder(), 'mail.db')
    const store = newStore(file, { connect, pollMs: 10 })
    await store.open()
    let heard = 0
    store.onWork(() => heard++)
    isBroken = true
    await expect.poll(() => seen.failures).toBeGreaterThan(2)
    await newStore(file).add(newEntry())
    isBroken = false
    await expect.poll(() => heard).toBeGreaterThan(0)
  })
})
