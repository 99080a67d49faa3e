import type { Db } from 'pg-boss'
import { configError } from '@loudmail/core/transport'
import { isPool } from './executor.ts'

/** What is needed of an `EntityManager` or a `QueryRunner` of TypeORM. */
export interface TypeOrmTransactionLike {
  /** Runs a statement in the transaction. */
  query(sql: string, parameters?: unknown[]): Promise<unknown>
}

/** A transaction of TypeORM, for `enqueue(message, { using: fromTypeOrm(manager) })`. */
export function fromTypeOrm(managerOrQueryRunner: TypeOrmTransactionLike): Db {
  return {
    async executeSql(text, values) {
      const result = await managerOrQueryRunner.query(text, values)
      // For DELETE and UPDATE it answers [rows, count].
      if (!Array.isArray(result)) return { rows: [] }
      const isCounted = result.length === 2 && Array.isArray(result[0]) && typeof result[1] === 'number'
      return { rows: isCounted ? (result[0] as unknown[]) : (result as unknown[]) }
    },
  }
}

interface ClientLike {
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>
  /** `I` if no transaction is open. */
  getTransactionStatus?(): string | null
}

/** The transaction of a caller. @throws MailError `config/invalid-config` if it is none */
export function callerTransaction(using: unknown): Db {
  const given = (typeof using === 'object' && using !== null ? using : {}) as Partial<Db & ClientLike>
  if (isPool(using)) throw refused('it is a Pool: pass the client in which BEGIN was run')
  if (typeof given.executeSql === 'function') return using as Db
  if (typeof given.query !== 'function' || isOfTypeOrm(given)) throw refused('it is none of these')
  const client = using as ClientLike
  if (client.getTransactionStatus?.() === 'I') throw noTransaction()
  return { executeSql: (text, values) => client.query(text, values) }
}

/** A caller passed a connection in which no transaction is open. */
export function noTransaction(): Error {
  return refused('no transaction is open in it')
}

const isOfTypeOrm = (given: object): boolean => 'manager' in given || 'queryRunner' in given

function refused(why: string): Error {
  return configError(
    `using must be a client of pg in a transaction, or fromDrizzle(tx, sql), fromKnex(trx), fromKysely(trx), fromPrisma(tx) or fromTypeOrm(manager): ${why}`,
  )
}
