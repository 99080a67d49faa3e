import type { Db } from 'pg-boss'
import { isLost } from './database-error.ts'
import type { Executor } from './executor.ts'

/** The connection was lost while a change was committed: nobody knows whether it was made. */
export class CommitLost extends Error {
  constructor(cause: unknown) {
    super('', { cause })
  }
}

/** An error of the caller's own code, which passes through as it is. */
export class OwnError extends Error {
  constructor(cause: unknown) {
    super('', { cause })
  }
}

/** Does work in one transaction, on a connection of its own. */
export async function transact<Result>(
  executor: Executor,
  work: (db: Db) => Promise<Result>,
): Promise<Result> {
  const transaction = await executor.beginTransaction()
  let result: Result
  try {
    result = await work(transaction.db)
  } catch (error) {
    await transaction.rollback()
    throw error
  }
  try {
    await transaction.commit()
  } catch (error) {
    throw isLost(error) ? new CommitLost(error) : error
  }
  return result
}

/** The rows of a statement. */
export async function rowsOf<Row>(db: Db, text: string, values: unknown[] = []): Promise<Row[]> {
  const { rows } = await db.executeSql(text, values)
  return rows as Row[]
}
