import { once } from 'node:events'
import { Client } from 'pg'
import { freePorts } from './free-ports.ts'
import { rootFolder, type Daemon, type RootFolder } from './root-folder.ts'
import { waitUntil } from './wait-until.ts'

const POSTGRES = 5432
const PROGRAMS = '/usr/lib/postgresql/15/bin'
const DATA = '/var/lib/postgresql/data'
const PASSWORD = 'sesame'

/** A PostgreSQL that runs on the loopback interface, as a user that is not root, with a cluster of its own. */
export interface Postgres extends AsyncDisposable {
  readonly port: number
  /** The URL of a database, for its superuser unless a user is given. */
  url(database: string, user?: string, password?: string): string
  /** Creates an empty database, or a copy of one that nobody is connected to, and returns its URL. */
  database(template?: string): Promise<string>
  /** Runs statements as superuser, and returns the rows of the last one. */
  query(sql: string, database?: string): Promise<Record<string, unknown>[]>
  /** Stops it as `systemctl stop` does: open connections are ended. */
  stop(): Promise<void>
  /** Kills all its processes. What was committed is on disk. */
  kill(): Promise<void>
  /** Freezes all its processes: it accepts connections, and answers nothing. */
  freeze(): void
  /** Ends that. */
  thaw(): void
  /** Starts it after `stop()` or `kill()`, on the same port with the same data. */
  start(): Promise<void>
  /** Creates a folder of the server, and returns its path on this machine. */
  folder(inner: string): Promise<string>
  /** What it wrote to its log since it was started. */
  log(): string
  /** Kills it and removes its data. */
  close(): Promise<void>
}

/** Starts PostgreSQL. @param settings those of `postgresql.conf` that are to differ */
export async function startPostgres(settings: Readonly<Record<string, string>> = {}): Promise<Postgres> {
  const root = await rootFolder('postgres', [{ name: 'postgres', id: POSTGRES, home: '/var/lib/postgresql' }])
  const kill = (): void => {
    server?.child.kill('SIGCONT')
    server?.child.kill('SIGQUIT')
  }
  let server: Daemon | undefined
  let number = 0
  const [port] = (await freePorts(1)) as [number]
  const url = (database: string, user = 'postgres', password = PASSWORD): string =>
    `postgres://${user}:${password}@127.0.0.1:${port}/${database}`

  async function query(sql: string, database = 'postgres'): Promise<Record<string, unknown>[]> {
    const client = new Client(url(database))
    client.on('error', () => {})
    await client.connect()
    try {
      const results = await client.query<Record<string, unknown>>(sql)
      return [results].flat().at(-1)!.rows
    } finally {
      await client.end()
    }
  }

  async function start(): Promise<void> {
    const daemon = root.startAs(POSTGRES, `${PROGRAMS}/postgres`, '-D', DATA)
    server = daemon
    await waitUntil(
      `PostgreSQL on port ${port}`,
      async () => {
        if (hasEnded(daemon)) throw new Error(`PostgreSQL ended by itself\n${daemon.output()}`)
        return query('SELECT').catch(() => undefined)
      },
      30_000,
    )
  }

  async function stop(): Promise<void> {
    if (!server || hasEnded(server)) return
    const ended = once(server.child, 'exit')
    server.child.kill('SIGINT')
    await ended
  }

  /** A process that has ended and was not waited for is still there for PostgreSQL, which does not start beside it. */
  async function killAll(): Promise<void> {
    const ended = server && !hasEnded(server) ? once(server.child, 'exit') : undefined
    await root.killAll()
    await ended
  }

  async function close(): Promise<void> {
    process.off('exit', kill)
    await root.remove()
  }

  try {
    await initialize(root, { port: String(port), ...settings })
    process.once('exit', kill)
    await start()
  } catch (error) {
    await close()
    throw error
  }
  return {
    port,
    url,
    async database(template) {
      const name = `test_${++number}`
      const source = template === undefined ? 'template1' : new URL(template).pathname.slice(1)
      await query(`CREATE DATABASE ${name} TEMPLATE ${source}`)
      return url(name)
    },
    query,
    stop,
    kill: killAll,
    freeze: () => root.signalAll('SIGSTOP'),
    thaw: () => root.signalAll('SIGCONT'),
    start,
    async folder(inner) {
      await root.folder(inner, { mode: 0o700, owner: POSTGRES })
      return root.path(inner)
    },
    log: () => server?.output() ?? '',
    close,
    [Symbol.asyncDispose]: close,
  }
}

async function initialize(root: RootFolder, settings: Readonly<Record<string, string>>): Promise<void> {
  await root.folder('/var/lib/postgresql', { mode: 0o700, owner: POSTGRES })
  await root.file('/var/lib/postgresql/password', `${PASSWORD}\n`, { mode: 0o600, owner: POSTGRES })
  const options = [
    '--locale=C',
    '--encoding=UTF8',
    '--auth=scram-sha-256',
    '--pwfile=/var/lib/postgresql/password',
  ]
  await root.runAs(POSTGRES, `${PROGRAMS}/initdb`, '-D', DATA, ...options)
  const all = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    // There is no /dev/shm in the root folder, and no compiler for expressions.
    dynamic_shared_memory_type: 'mmap',
    jit: 'off',
    fsync: 'on',
    ...settings,
  }
  const lines = Object.entries(all).map(([name, value]) => `${name} = '${value}'\n`)
  await root.file(`${DATA}/postgresql.auto.conf`, lines.join(''), { mode: 0o600, owner: POSTGRES })
}

function hasEnded({ child }: Daemon): boolean {
  return child.exitCode !== null || child.signalCode !== null
}
