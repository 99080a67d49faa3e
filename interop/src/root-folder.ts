import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { existsSync, readdirSync, readlinkSync } from 'node:fs'
import { chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'

const SERVERS = join(import.meta.dirname, '../.servers')
const ENVIRONMENT = { PATH: '/usr/sbin:/usr/bin', LANG: 'C' }
const execute = promisify(execFile)

interface FileOptions {
  readonly mode?: number
  /** User and group id. @default 0, root */
  readonly owner?: number
}

/** The root folder of one server: what interop/install.sh fetched, and users, configuration and a spool. */
export interface RootFolder {
  /** The path of a file of this root on this machine. */
  path(inner: string): string
  folder(inner: string, options?: FileOptions): Promise<void>
  file(inner: string, text: string, options?: FileOptions): Promise<void>
  read(inner: string): Promise<string>
  run(command: string, args: readonly string[], input?: string): Promise<string>
  /** The same as another user than root. @param owner user and group id */
  runAs(owner: number, command: string, ...args: string[]): Promise<string>
  /** Starts a daemon in the foreground, in a process group of its own. */
  start(command: string, ...args: string[]): Daemon
  /** The same as another user than root. @param owner user and group id */
  startAs(owner: number, command: string, ...args: string[]): Daemon
  /** Kills every process in this root. */
  killAll(): Promise<void>
  /** Sends a signal to every process in this root. */
  signalAll(signal: NodeJS.Signals): void
  remove(): Promise<void>
}

export interface Daemon {
  readonly child: ChildProcess
  /** What it has printed so far. */
  output(): string
}

/** A user that a server's processes run as. It exists only in the server's root folder. */
export interface User {
  readonly name: string
  readonly id: number
  readonly home?: string
}

/** The user id of the owner of the mailboxes. */
export const VMAIL = 5000

/** Ends processes that a server left behind, such as a delivery of Exim: they would write into a folder that is being removed. */
async function endInhabitants(root: string): Promise<void> {
  for (let times = 0; times < 200; times++) {
    if (signalInhabitants(root, 'SIGKILL') === 0) return
    await delay(10)
  }
}

/** @returns how many processes there are */
function signalInhabitants(root: string, signal: NodeJS.Signals): number {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && rootOf(name) === root)
  for (const id of processes) {
    try {
      process.kill(Number(id), signal)
    } catch {
      // It has just ended.
    }
  }
  return processes.length
}

function rootOf(id: string): string | undefined {
  try {
    return readlinkSync(`/proc/${id}/root`)
  } catch {
    return undefined
  }
}

/** @throws Error if interop/install.sh was not run */
export async function rootFolder(name: string, users: readonly User[]): Promise<RootFolder> {
  if (!existsSync(join(SERVERS, 'installed')))
    throw new Error('there are no mail servers to test with: run interop/install.sh')
  const root = await mkdtemp(join(SERVERS, `${name}-`))
  // With hard links, a copy takes no time and no space.
  await execute('cp', ['-alT', join(SERVERS, 'image'), root])
  await chmod(root, 0o755)
  const path = (inner: string): string => join(root, inner)
  const own = async (inner: string, { mode, owner = 0 }: FileOptions): Promise<void> => {
    await chown(path(inner), owner, owner)
    if (mode !== undefined) await chmod(path(inner), mode)
  }
  const start = (...parameters: string[]): Daemon => {
    const child = spawn('chroot', parameters, {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: ENVIRONMENT,
    })
    let printed = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (words: string) => (printed += words))
    return { child, output: () => printed }
  }
  const everybody = [
    { name: 'root', id: 0 },
    ...users,
    { name: 'vmail', id: VMAIL },
    { name: 'nobody', id: 65_534 },
  ]
  const folder: RootFolder = {
    path,
    async folder(inner, options = {}) {
      await mkdir(path(inner), { recursive: true })
      await own(inner, options)
    },
    async file(inner, text, options = {}) {
      await mkdir(dirname(path(inner)), { recursive: true })
      // A new file: the one that was there may be shared with other roots.
      await rm(path(inner), { force: true })
      await writeFile(path(inner), text)
      await own(inner, options)
    },
    read: (inner) => readFile(path(inner), 'latin1').catch(() => ''),
    async run(command, args, input = '') {
      const running = execute('chroot', [root, command, ...args], { env: ENVIRONMENT })
      running.child.stdin?.end(input)
      const { stdout } = await running
      return stdout
    },
    async runAs(owner, command, ...args) {
      const { stdout } = await execute('chroot', [`--userspec=${owner}:${owner}`, root, command, ...args], {
        env: ENVIRONMENT,
      })
      return stdout
    },
    start: (command, ...args) => start(root, command, ...args),
    startAs: (owner, command, ...args) => start(`--userspec=${owner}:${owner}`, root, command, ...args),
    killAll: () => endInhabitants(root),
    signalAll: (signal) => void signalInhabitants(root, signal),
    async remove() {
      await endInhabitants(root)
      await rm(root, { recursive: true, force: true })
    },
  }
  const lines = (line: (user: User) => string): string => everybody.map((user) => `${line(user)}\n`).join('')
  await folder.file(
    '/etc/passwd',
    lines(({ name: user, id, home = '/' }) => `${user}:x:${id}:${id}::${home}:/bin/false`),
  )
  await folder.file(
    '/etc/group',
    lines(({ name: group, id }) => `${group}:x:${id}:`),
  )
  await folder.file(
    '/etc/shadow',
    lines(({ name: user }) => `${user}:*:19000:0:99999:7:::`),
  )
  await folder.file('/etc/hosts', '127.0.0.1 localhost mail.inbox.test\n')
  await folder.file('/etc/nsswitch.conf', 'passwd: files\ngroup: files\nshadow: files\nhosts: files\n')
  // No name server is there, so no query leaves this machine.
  await folder.file('/etc/resolv.conf', 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n')
  await folder.folder('/var/mail', { mode: 0o755, owner: VMAIL })
  return folder
}
