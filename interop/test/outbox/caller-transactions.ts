import { fromDrizzle, fromKnex, fromKysely, fromPrisma, fromTypeOrm } from '@loudmail/outbox/pg-boss'
import { sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import knex from 'knex'
import { Kysely, PostgresDialect } from 'kysely'
import { Client, Pool } from 'pg'
import { DataSource } from 'typeorm'
import type { PrismaClients } from './prisma-client.ts'

/** What a caller does in a transaction. */
interface Caller {
  /** For `enqueue(message, { using })`. */
  readonly using: unknown
  /** Runs a statement of the application. */
  readonly run: (statement: string) => Promise<unknown>
}

/** Runs `work` in a transaction, which is rolled back if `work` rejects. */
export type InTransaction = (url: string, work: (caller: Caller) => Promise<void>) => Promise<void>

/** The transactions of applications, as each library has them. */
export function callerTransactions(prisma: () => PrismaClients): Readonly<Record<string, InTransaction>> {
  return {
    async pg(url, work) {
      const client = new Client(url)
      await client.connect()
      try {
        await client.query('BEGIN')
        await work({ using: client, run: (statement) => client.query(statement) })
        await client.query('COMMIT')
      } finally {
        await client.end()
      }
    },

    async 'a Pool of pg'(url, work) {
      const pool = new Pool({ connectionString: url })
      const client = await pool.connect()
      try {
        await client.query('BEGIN')
        await work({ using: client, run: (statement) => client.query(statement) })
        await client.query('COMMIT')
      } catch (error) {
        await client.query('ROLLBACK')
        throw error
      } finally {
        client.release()
        await pool.end()
      }
    },

    async Drizzle(url, work) {
      const pool = new Pool({ connectionString: url })
      try {
        await drizzle(pool).transaction((tx) =>
          work({ using: fromDrizzle(tx as never, sql), run: (statement) => tx.execute(sql.raw(statement)) }),
        )
      } finally {
        await pool.end()
      }
    },

    async Kysely(url, work) {
      const db = new Kysely<object>({
        dialect: new PostgresDialect({ pool: new Pool({ connectionString: url }) }),
      })
      try {
        await db.transaction().execute(async (trx) => {
          const using = fromKysely(trx)
          await work({ using, run: (statement) => using.executeSql(statement) })
        })
      } finally {
        await db.destroy()
      }
    },

    async Knex(url, work) {
      const db = knex({ client: 'pg', connection: url })
      try {
        await db.transaction((trx) =>
          work({ using: fromKnex(trx as never), run: async (statement) => trx.raw(statement) }),
        )
      } finally {
        await db.destroy()
      }
    },

    async Prisma(url, work) {
      const db = prisma().connect(url)
      try {
        await db.$transaction(
          (tx) => work({ using: fromPrisma(tx as never), run: (statement) => tx.$queryRawUnsafe(statement) }),
          { timeout: 30_000 },
        )
      } finally {
        await db.$disconnect()
      }
    },

    async 'an EntityManager of TypeORM'(url, work) {
      const source = await new DataSource({ type: 'postgres', url }).initialize()
      try {
        await source.transaction((manager) =>
          work({ using: fromTypeOrm(manager), run: (statement) => manager.query(statement) }),
        )
      } finally {
        await source.destroy()
      }
    },

    async 'a QueryRunner of TypeORM'(url, work) {
      const source = await new DataSource({ type: 'postgres', url }).initialize()
      const runner = source.createQueryRunner()
      try {
        await runner.startTransaction()
        await work({ using: fromTypeOrm(runner), run: (statement) => runner.query(statement) })
        await runner.commitTransaction()
      } catch (error) {
        await runner.rollbackTransaction()
        throw error
      } finally {
        await runner.release()
        await source.destroy()
      }
    },
  }
}
