import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { findProgram } from './programs.ts'
import { ended, freePort, listening } from './server.ts'

/** Where an outbox or a queue is. `redis always` writes every change to disk before it answers, `redis everysec` once a second. */
export type DatabaseName = 'sqlite' | 'postgres' | 'redis always' | 'redis everysec'

/** A database that is empty. */
export interface Database {
  /** A path or a URL. */
  readonly location: string
  stop(): Promise<void>
}

/** Debian's programs of PostgreSQL. */
const POSTGRES = '/usr/lib/postgresql/15/bin'

/** Whether it is installed here. */
export function hasDatabase(name: DatabaseName): boolean {
  if (name === 'sqlite') return true
  if (name === 'postgres') return existsSync(`${POSTGRES}/postgres`)
  try {
    return Boolean(findProgram('redis-server'))
  } catch {
    return false
  }
}

/** @param folder an empty folder */
export function startDatabase(name: DatabaseName, folder: string): Promise<Database> {
  mkdirSync(folder, { recursive: true })
  if (name === 'postgres') return startPostgres(folder)
  if (name !== 'sqlite') return startRedis(folder, name === 'redis always' ? 'always' : 'everysec')
  return Promise.resolve({
    location: join(folder, 'mail.db'),
    stop: async () => rmSync(folder, { recursive: true }),
  })
}

async function startRedis(folder: string, appendfsync: 'always' | 'everysec'): Promise<Database> {
  const port = await freePort()
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '']
  const durable = ['--appendonly', 'yes', '--appendfsync', appendfsync]
  const child = spawn(findProgram('redis-server'), [...options, ...durable], { stdio: 'ignore' })
  await listening(port)
  return { location: `redis://127.0.0.1:${port}`, stop: () => stopped(child, folder) }
}

async function startPostgres(folder: string): Promise<Database> {
  const data = join(folder, 'data')
  mkdirSync(data)
  // It refuses to run as root.
  const isRoot = process.getuid?.() === 0
  const user = isRoot ? { uid: numberOf('-u'), gid: numberOf('-g') } : {}
  if (isRoot) for (const each of [folder, data]) chownSync(each, user.uid!, user.gid!)
  execFileSync(`${POSTGRES}/initdb`, ['-D', data, '-U', 'bench', '-A', 'trust', '-E', 'UTF8'], {
    ...user,
    stdio: 'ignore',
  })
  const port = await freePort()
  const options = ['-D', data, '-p', String(port), '-k', folder, '-c', 'listen_addresses=127.0.0.1']
  const child = spawn(`${POSTGRES}/postgres`, options, { ...user, stdio: 'ignore' })
  await listening(port)
  await delay(500)
  return { location: `postgres://bench@127.0.0.1:${port}/postgres`, stop: () => stopped(child, folder) }
}

function numberOf(flag: '-u' | '-g'): number {
  return Number(execFileSync('id', [flag, 'nobody']))
}

async function stopped(child: ChildProcess, folder: string): Promise<void> {
  // PostgreSQL waits for its connections after SIGTERM, and not after SIGINT.
  child.kill('SIGINT')
  await ended(child)
  rmSync(folder, { recursive: true })
}
