import { readFileSync, readlinkSync } from 'node:fs'
import { UsageError } from '../usage-error.ts'

/** Whose environment counts. */
export interface Application {
  /** What its environment is called in sentences. */
  readonly name: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Its working directory, where its `.env` is. */
  readonly folder: string
  /** Undefined if it is not another process. */
  readonly pid: number | undefined
}

/**
 * The application: a running process, or whatever would be started from this shell.
 *
 * @throws UsageError if the process cannot be read
 */
export function applicationOf(pid: number | undefined): Application {
  if (pid === undefined) return { name: 'the environment', env: process.env, folder: process.cwd(), pid }
  if (process.platform !== 'linux') throw new UsageError('--pid works on Linux only: it reads /proc')
  try {
    const text = readFileSync(`/proc/${pid}/environ`, 'utf8')
    const pairs = text.split('\0').flatMap((pair) => {
      const equals = pair.indexOf('=')
      return equals > 0 ? [[pair.slice(0, equals), pair.slice(equals + 1)] as const] : []
    })
    const folder = readlinkSync(`/proc/${pid}/cwd`)
    return { name: `the environment of process ${pid}`, env: Object.fromEntries(pairs), folder, pid }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') throw new UsageError(`--pid ${pid}: there is no such process`)
    throw new UsageError(`--pid ${pid}: its environment cannot be read. Run this as the user of the process.`)
  }
}
