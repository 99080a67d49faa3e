import type { Db } from 'pg-boss'
import { configError } from '@loudmail/core/transport'

/** Runs statements of the store, and its transactions. It is a `db` of pg-boss. */
export interface Executor extends Db {
  /** Opens a transaction on a connection of its own. */
  beginTransaction: NonNullable<Db['beginTransaction']>
}

/** A statement as `pg` takes it. */
interface Statement {
  /** The SQL, with `$1` and so on. */
  readonly text: string
  /** What stands in for `$1` and so on. @default none */
  readonly values?: unknown[]
}

/** What is needed of a client of such a pool. */
interface PooledClient {
  /** Runs a statement. */
  query(statement: Statement): Promise<{ rows: unknown[] }>
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
  query(statement: Statement): Promise<{ rows: unknown[] }>
  /** Takes a connection out of the pool. */
  connect(): Promise<PooledClient>
  /** How many connections it has. */
  readonly totalCount: number
}

/** @throws MailError `config/invalid-config` */
export function asExecutor(executor: Executor | PoolLike, timeoutMs: number): Executor {
  if (isPool(executor)) return fromPool(executor, timeoutMs)
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

/** Every wait ends in time: the pool of a caller may have no time-outs. */
function fromPool(pool: PoolLike, timeoutMs: number): Executor {
  const timed = (text: string, values?: unknown[]): Statement =>
    ({ text, ...(values && { values }), query_timeout: timeoutMs }) as Statement

  async function connect(): Promise<PooledClient> {
    const connecting = pool.connect()
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        connecting.then(
          (client) => client.release(),
          () => {},
        )
        reject(new Error('timeout: no connection of the pool'))
      }, timeoutMs)
    })
    try {
      return await Promise.race([connecting, late])
    } finally {
      clearTimeout(timer)
    }
  }

  async function beginTransaction() {
    const client = await connect()
    let lost: Error | undefined
    const onError = (error: Error): void => void (lost ??= error)
    client.on('error', onError)
    let isOver = false
    const query = async (text: string, values?: unknown[]): Promise<{ rows: unknown[] }> => {
      try {
        return await client.query(timed(text, values))
      } catch (error) {
        // Whoever refuses a statement says why, by a code. After anything else, nobody knows how the connection is.
        if ((error as { code?: unknown }).code === undefined) lost ??= error as Error
        throw error
      }
    }
    const end = async (statement: 'COMMIT' | 'ROLLBACK'): Promise<void> => {
      if (isOver) return
      isOver = true
      try {
        if (!lost) await query(statement)
        else if (statement === 'COMMIT') throw lost
      } catch (error) {
        lost ??= error as Error
        if (statement === 'COMMIT') throw error
      } finally {
        client.off('error', onError)
        client.release(lost)
      }
    }
    const transaction = {
      db: { executeSql: query },
      commit: () => end('COMMIT'),
      rollback: () => end('ROLLBACK'),
    }
    try {
      await query('BEGIN')
    } catch (error) {
      await transaction.rollback()
      throw error
    }
    return transaction
  }

  return {
    beginTransaction,
    async executeSql(text, values) {
      const client = await connect()
      let failure: Error | undefined
      const onError = (error: Error): void => void (failure ??= error)
      client.on('error', onError)
      try {
        return await client.query(timed(text, values))
      } catch (error) {
        failure ??= error as Error
        throw error
      } finally {
        client.off('error', onError)
        client.release(failure)
      }
    },
  }
}
