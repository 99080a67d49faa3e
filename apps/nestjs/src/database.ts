import { DatabaseSync } from 'node:sqlite'
import { Injectable } from '@nestjs/common'

/** The file of the shop's database. The outbox is in it, too. */
export const DATABASE = process.env.DATABASE ?? 'tea.db'

@Injectable()
export class Database {
  readonly #database = new DatabaseSync(DATABASE, { timeout: 5_000 })
  #last: Promise<unknown> = Promise.resolve()

  constructor() {
    this.#database.exec(
      'CREATE TABLE IF NOT EXISTS resets (token TEXT PRIMARY KEY, address TEXT, asked_at INTEGER) STRICT',
    )
    this.#database.exec(
      'CREATE TABLE IF NOT EXISTS unsubscribed (address TEXT, list TEXT, UNIQUE (address, list)) STRICT',
    )
  }

  /** The addresses that want a list no more. */
  unsubscribed(list: string): string[] {
    const rows = this.#database.prepare('SELECT address FROM unsubscribed WHERE list = ?').all(list)
    return rows.map(({ address }) => String(address))
  }

  /** Keeps that an address wants a list no more. */
  unsubscribe(address: string, list: string): void {
    this.#database.prepare('INSERT OR IGNORE INTO unsubscribed VALUES (?, ?)').run(address, list)
  }

  /** Makes changes that are all committed, or none. A connection has one transaction at a time, so the next one waits. */
  transaction<Result>(change: (database: DatabaseSync) => Promise<Result>): Promise<Result> {
    const result = this.#last.then(async () => {
      this.#database.exec('BEGIN IMMEDIATE')
      try {
        const done = await change(this.#database)
        this.#database.exec('COMMIT')
        return done
      } catch (error) {
        if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
        throw error
      }
    })
    this.#last = result.catch(() => {})
    return result
  }
}
