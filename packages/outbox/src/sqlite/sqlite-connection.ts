import { configError } from '@loudmail/core/transport'

/** A statement of `node:sqlite` or better-sqlite3. */
export interface SqliteStatement {
  /** Runs it. */
  run(...values: SqlValue[]): unknown
  /** All its rows. */
  all(...values: SqlValue[]): unknown[]
}

/** A connection of `node:sqlite` or better-sqlite3. */
export interface SqliteConnection {
  /** Runs statements without values. */
  exec(sql: string): unknown
  /** Prepares one statement. */
  prepare(sql: string): SqliteStatement
  /** Closes it. */
  close(): unknown
}

/** A value of a statement. */
export type SqlValue = string | number | null | Uint8Array

export type Row = Readonly<Record<string, unknown>>

const prepared = new WeakMap<SqliteConnection, Map<string, SqliteStatement>>()

/** A statement that is prepared once for each connection. */
export function prepare(connection: SqliteConnection, sql: string): SqliteStatement {
  let statements = prepared.get(connection)
  if (!statements) prepared.set(connection, (statements = new Map()))
  let statement = statements.get(sql)
  if (!statement) statements.set(sql, (statement = connection.prepare(sql)))
  return statement
}

/** All rows. */
export function rowsOf(connection: SqliteConnection, sql: string, ...values: SqlValue[]): Row[] {
  return prepare(connection, sql).all(...values) as Row[]
}

/** The values of the only row, also of a connection that gives arrays; none if there is no row. */
export function valuesOf(connection: SqliteConnection, sql: string, ...values: SqlValue[]): unknown[] {
  // Not `get()`: with some libraries it leaves the statement, and with it the transaction, open.
  return Object.values(rowsOf(connection, sql, ...values)[0] ?? {})
}

/** Runs a statement. @returns whether it changed a row */
export function changes(connection: SqliteConnection, sql: string, ...values: SqlValue[]): boolean {
  const result = prepare(connection, sql).run(...values) as { changes: number | bigint }
  return Number(result.changes) > 0
}

/** Opens a file with Node's own SQLite. It is loaded here, because Node 22 prints a warning when it is. */
export function connectWithNode(file: string): SqliteConnection {
  const sqlite = process.getBuiltinModule?.('node:sqlite') as typeof import('node:sqlite') | undefined
  if (!sqlite)
    throw configError(
      'sqlite() needs node:sqlite, which Node 22.13 or newer has. Update Node, or pass `connect` with another SQLite library',
    )
  return new sqlite.DatabaseSync(file)
}
