import { DatabaseSync } from 'node:sqlite'

/** The file of the shop's database. The outbox is in it, too. */
export const DATABASE = process.env.DATABASE ?? 'tea.db'

export const database = new DatabaseSync(DATABASE, { timeout: 5_000 })
database.exec(
  'CREATE TABLE IF NOT EXISTS resets (token TEXT PRIMARY KEY, address TEXT, asked_at INTEGER) STRICT',
)

let last: Promise<unknown> = Promise.resolve()

/** Makes changes that are all committed, or none. A connection has one transaction at a time, so the next one waits. */
export function transaction<Result>(change: (database: DatabaseSync) => Promise<Result>): Promise<Result> {
  const result = last.then(async () => {
    database.exec('BEGIN IMMEDIATE')
    try {
      const done = await change(database)
      database.exec('COMMIT')
      return done
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK')
      throw error
    }
  })
  last = result.catch(() => {})
  return result
}
