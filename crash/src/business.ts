import { DatabaseSync } from 'node:sqlite'
import { Client } from 'pg'
import { isPostgres } from './store-at.ts'

/** The orders of a shop, in the same database as the outbox. */
export interface Business {
  /** Opens a transaction, and adds an order in it. @returns what `enqueue()` takes as `using` */
  order(number: number): Promise<unknown>
  end(how: 'COMMIT' | 'ROLLBACK'): Promise<void>
  /** The numbers of all orders. */
  orders(): Promise<readonly number[]>
  close(): Promise<void>
}

const TABLE = 'CREATE TABLE IF NOT EXISTS orders (number INTEGER PRIMARY KEY)'

export async function businessAt(place: string): Promise<Business> {
  return isPostgres(place) ? inPostgres(place) : inSqlite(place)
}

function inSqlite(file: string): Business {
  const database = new DatabaseSync(file, { timeout: 10_000 })
  database.exec(`PRAGMA journal_mode = WAL; ${TABLE}`)
  return {
    async order(number) {
      database.exec('BEGIN IMMEDIATE')
      database.prepare('INSERT INTO orders VALUES (?)').run(number)
      return database
    },
    end: async (how) => database.exec(how),
    orders: async () =>
      database
        .prepare('SELECT number FROM orders')
        .all()
        .map((row) => Number(row.number)),
    close: async () => database.close(),
  }
}

async function inPostgres(url: string): Promise<Business> {
  const client = new Client(url)
  await client.connect()
  // Two at once would make the same table twice.
  await client.query('SELECT pg_advisory_lock(1)')
  await client.query(TABLE)
  await client.query('SELECT pg_advisory_unlock(1)')
  return {
    async order(number) {
      await client.query('BEGIN')
      await client.query('INSERT INTO orders VALUES ($1)', [number])
      return client
    },
    async end(how) {
      await client.query(how)
    },
    async orders() {
      const { rows } = await client.query<{ number: number }>('SELECT number FROM orders')
      return rows.map(({ number }) => number)
    },
    close: () => client.end(),
  }
}
