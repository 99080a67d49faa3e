import { dirname } from 'node:path'
import type { Step } from './traced.ts'

/** The calls that {@link Unsynced} has to see. */
export const FILE_CALLS = [
  'openat',
  'mkdir',
  'unlink',
  'write',
  'writev',
  'pwrite64',
  'pwritev',
  'ftruncate',
  'rename',
  'fsync',
  'fdatasync',
] as const

const WRITES = ['write', 'writev', 'pwrite64', 'pwritev', 'ftruncate']

/** What would be lost if the power was cut: what was written and not synced, and files whose folder was not synced since. */
export class Unsynced {
  readonly #lost = new Set<string>()
  readonly #known = new Set<string>()
  readonly #begins: string

  /** @param begins how the paths of the files begin that count */
  constructor(begins: string) {
    this.#begins = begins
  }

  /** Files with content, and folders with names, that are not on disk. */
  get lost(): readonly string[] {
    return [...this.#lost].toSorted()
  }

  see({ what, call, parameters, hasFailed }: Step): void {
    const path = pathOf(call, parameters)
    if (path === undefined || hasFailed) return
    // What is written counts from the beginning, and what is synced from the end.
    if (WRITES.includes(call)) {
      if (what === 'begins' && this.#counts(path)) this.#lost.add(path)
    } else if (what === 'begins') return
    else if (call === 'fsync' || call === 'fdatasync') this.#lost.delete(path)
    else if (call === 'unlink') {
      this.#lost.delete(path)
      this.#known.delete(path)
    } else if (call === 'rename') throw new Error('a file is renamed: say here what that means')
    else if (call === 'mkdir' || parameters.includes('O_CREAT')) this.#create(path)
  }

  #create(path: string): void {
    if (!this.#counts(path) || this.#known.has(path)) return
    this.#known.add(path)
    this.#lost.add(dirname(path))
  }

  /** The index of the log is only in memory: SQLite makes it again. */
  #counts(path: string): boolean {
    return path.startsWith(this.#begins) && !path.endsWith('-shm')
  }
}

function pathOf(call: string, parameters: string): string | undefined {
  const [, path] =
    (['openat', 'mkdir', 'unlink', 'rename'].includes(call)
      ? /"([^"]*)"/.exec(parameters)
      : /^\d+<([^>]*)>/.exec(parameters)) ?? []
  return path
}
