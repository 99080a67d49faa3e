import { checkNumber, checkOptions, configError } from '@loudmail/core/transport'
import type { ConstructorOptions } from 'pg-boss'
import { asExecutor, type Executor, type PoolLike } from './executor.ts'
import type { SchemaNames } from './schema.ts'

/** Where PostgreSQL is, and who logs in. */
export interface PostgresConnection {
  /** @default 'localhost' */
  readonly host?: string | undefined
  /** @default 5432 */
  readonly port?: number | undefined
  /** @default that with the name of the user */
  readonly database?: string | undefined
  /** @default the user of the process, or PGUSER */
  readonly user?: string | undefined
  /** Or a function that gives it, for passwords that change. */
  readonly password?: string | (() => string | Promise<string>) | undefined
  /** What `pg` takes as `ssl`: `true`, or options of `tls.connect()`. @default false */
  readonly ssl?: unknown
}

/** The options of {@link pgBoss}. One of `url`, `connection` and `executor` is needed. */
export interface PgBossOptions extends SchemaNames {
  /** `postgres://user:password@host:5432/database`. Its parameters are those of `pg`. */
  readonly url?: string | undefined
  /** The same in parts. */
  readonly connection?: PostgresConnection | undefined
  /**
   * Your own connections: a `Pool` of `pg`, or a `db` of pg-boss that has `beginTransaction`. It stays open after `close()`.
   * Without its own `listen`, other processes are asked instead of heard.
   */
  readonly executor?: Executor | PoolLike | undefined
  /** The most connections at once, and one more that listens. @default 10 */
  readonly connections?: number | undefined
  /** False if the tables are created beforehand, with the SQL of `pgBossSchema()`. @default true */
  readonly migrate?: boolean | undefined
  /** How often it looks for entries of other processes if it cannot hear of them, in ms. @default 1_000 */
  readonly pollMs?: number | undefined
  /**
   * How long it waits for the answer to one statement, in ms. Large content is many statements. An executor that is not a
   * `Pool` of `pg` needs a time-out of its own. @default 30_000
   */
  readonly timeoutMs?: number | undefined
}

/** The options, checked and complete. */
export interface Settings {
  readonly name: string
  readonly schema: string
  readonly pollMs: number
  readonly migrates: boolean
  /** How much content may be written at the same time. The other connections stay free for what is quick. */
  readonly writers: number
  readonly boss: ConstructorOptions
  readonly secrets: readonly string[]
}

/** A server that accepts a connection, and says nothing, is given up then. */
const LONGEST_CONNECT_MS = 10_000

/** What pg-boss hands to `pg`, and does not name. */
const FOR_PG = (timeoutMs: number): object => ({ query_timeout: timeoutMs, allowExitOnIdle: true })

/** What pg-boss does from time to time does not keep a process alive that has nothing else to do. */
const QUIET_CLOCK: NonNullable<ConstructorOptions['clock']> = {
  now: () => Date.now(),
  setTimeout: (work, ms) => setTimeout(work, ms).unref(),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
  setInterval: (work, ms) => setInterval(work, ms).unref(),
  clearInterval: (timer) => clearInterval(timer as NodeJS.Timeout),
}

export function settingsOf(given: string | PgBossOptions): Settings {
  const options = typeof given === 'string' ? { url: given } : given
  checkOptions(options, 'pgBoss()', {
    url: true,
    connection: true,
    executor: true,
    connections: true,
    migrate: true,
    pollMs: true,
    timeoutMs: true,
    schema: true,
    bossSchema: true,
  })
  const {
    schema = 'loudmail',
    bossSchema = 'pgboss',
    connections = 10,
    migrate = true,
    pollMs = 1_000,
    timeoutMs = 30_000,
  } = options
  for (const name of [schema, bossSchema])
    if (typeof name !== 'string' || !/^[a-z_][a-z0-9_]{0,39}$/.test(name))
      throw configError('pgBoss() schema must be a name of small letters, digits and _')
  if (schema === bossSchema) throw configError('pgBoss() schema and bossSchema must differ')
  checkNumber(connections, 'pgBoss() connections', 2, true)
  checkNumber(pollMs, 'pgBoss() pollMs', 10)
  checkNumber(timeoutMs, 'pgBoss() timeoutMs', 100)
  const { name, login, secrets } = connectionOf(options, timeoutMs)
  return {
    name: `pgBoss(${name})`,
    schema,
    pollMs,
    migrates: migrate,
    writers: Math.max(1, Math.floor(connections / 2)),
    secrets,
    boss: {
      ...login,
      schema: bossSchema,
      max: connections,
      migrate,
      schedule: false,
      useListenNotify: !login.db || typeof login.db.listen === 'function',
      application_name: 'loudmail',
      instanceName: 'loudmail',
      connectionTimeoutMillis: Math.min(timeoutMs, LONGEST_CONNECT_MS),
      clock: QUIET_CLOCK,
      ...FOR_PG(timeoutMs),
    },
  }
}

function connectionOf(
  options: PgBossOptions,
  timeoutMs: number,
): {
  readonly name: string
  readonly login: ConstructorOptions
  readonly secrets: readonly string[]
} {
  const { url, connection, executor } = options
  if ([url, connection, executor].filter((each) => each !== undefined).length !== 1)
    throw configError('pgBoss() needs one of url, connection and executor')
  if (executor !== undefined)
    return { name: 'executor', login: { db: asExecutor(executor, timeoutMs) }, secrets: [] }
  if (connection !== undefined) {
    checkOptions(connection, 'pgBoss() connection', {
      host: true,
      port: true,
      database: true,
      user: true,
      password: true,
      ssl: true,
    })
    const { host = 'localhost', database = connection.user ?? '', password } = connection
    const given = Object.entries(connection).filter(([, value]) => value !== undefined)
    return {
      name: `${host}/${database}`,
      login: { ...Object.fromEntries(given), host, keepAlive: true } as ConstructorOptions,
      secrets: typeof password === 'string' ? [password] : [],
    }
  }
  const parsed = typeof url === 'string' && URL.canParse(url) ? new URL(url) : undefined
  if (!parsed || !/^postgres(ql)?:$/.test(parsed.protocol))
    throw configError(
      'pgBoss() url must begin with postgres://, and have a host and a database, with user and password percent-encoded',
    )
  const { hostname, pathname, password, searchParams } = parsed
  const host = hostname === '' ? (searchParams.get('host') ?? 'localhost') : hostname
  return {
    name: `${host}${pathname}`,
    login: { connectionString: url!, keepAlive: true } as ConstructorOptions,
    secrets: [password, decoded(password), searchParams.get('password') ?? ''].filter(
      (secret) => secret !== '',
    ),
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
