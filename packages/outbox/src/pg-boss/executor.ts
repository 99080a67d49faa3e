import type { Db } from 'pg-boss'
import { configError } from '@loudmail/core/transport'

/** Runs statements of the store, and its transactions. It is a `db` of pg-boss. */
export interface Executor extends Db {
  /** Opens a transaction on a connection of its own. */
  beginTransaction: NonNullable<Db['beginTransaction']>
}

/** What is needed of a client of such a pool. */
interface PooledClient {
  /** Runs a statement. */
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>
  /** Gives it back to the pool, or closes it if there is an error. */
  release(error?: Error | boolean): void
  /** Listens for a lost connection. */
  on(event: 'error', listener: (error: Error) => void): unknown
  /** Stops to listen. */
  off(event: 'error', listener: (error: Error) => void): unknown
}

/** What is needed of a `Pool` of `pg`. */
export interface PoolLike {
  /** Runs a statement on any connection. */
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>
  /** Takes a connection out of the pool. */
  connect(): Promise<PooledClient>
  /** How many connections it has. */
  readonly totalCount: number
}

/** @throws MailError `config/invalid-config` */
export function asExecutor(executor: Executor | PoolLike): Executor {
  if (isPool(executor)) return fromPool(executor)
  const { executeSql, beginTransaction, listen } = (executor ?? {}) as Partial<Executor>
  if (typeof executeSql === 'function' && typeof beginTransaction === 'function')
    return {
      executeSql: executeSql.bind(executor),
      beginTransaction: beginTransaction.bind(executor),
      ...(typeof listen === 'function' && { listen: listen.bind(executor) }),
    }
  throw configError(
    'pgBoss() executor must be a Pool of pg, or an object with executeSql() and beginTransaction() as pg-boss describes them',
  )
}

/** Whether it is a `Pool` of `pg`. */
export function isPool(candidate: unknown): candidate is PoolLike {
  const { connect, query, totalCount } = (candidate ?? {}) as Partial<PoolLike>
  return typeof connect === 'function' && typeof query === 'function' && typeof totalCount === 'number'
}

function fromPool(pool: PoolLike): Executor {
  return {
    executeSql: (text, values) => pool.query(text, values),
    async beginTransaction() {
      const client = await pool.connect()
      let lost: Error | undefined
      const onError = (error: Error): void => void (lost ??= error)
      client.on('error', onError)
      let isOver = false
      const end = async (statement: 'COMMIT' | 'ROLLBACK'): Promise<void> => {
        if (isOver) return
        isOver = true
        try {
          await client.query(statement)
        } catch (error) {
          lost ??= error as Error
          if (statement === 'COMMIT') throw error
        } finally {
          client.off('error', onError)
          client.release(lost)
        }
      }
      const db: Db = { executeSql: (text, values) => client.query(text, values) }
      const transaction = { db, commit: () => end('COMMIT'), rollback: () => end('ROLLBACK') }
      try {
        await client.query('BEGIN')
      } catch (error) {
        await transaction.rollback()
        throw error
      }
      return transaction
    },
  }
}
