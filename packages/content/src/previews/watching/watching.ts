import { watch, type FSWatcher } from 'node:fs'
import { callSafely, thrownInWords } from '@loudmail/core/transport'
import { foldersOf, type Entries, type WatchedFolder } from './folders-of.ts'

/** A save makes several events: this long after the last one it is told, in milliseconds. */
const QUIET_MS = 60

/** Something that is written all the time is told this often, in milliseconds. */
const LONGEST_MS = 1_000

interface Watched {
  readonly watcher: FSWatcher
  readonly inode: number
  entries: Entries
}

/**
 * Watches files and folders while somebody listens. It never throws and does not keep the process alive. What cannot be
 * watched costs one process warning.
 */
export class Watching {
  readonly #paths: () => readonly string[]
  readonly #listeners = new Set<{ readonly changed: () => void }>()
  readonly #watched = new Map<string, Watched>()
  readonly #warned = new Set<string>()
  #timer: NodeJS.Timeout | undefined
  #since = 0

  /** @param paths says what to watch, again after every change */
  constructor(paths: () => readonly string[]) {
    this.#paths = paths
  }

  /** @returns what ends it */
  add(changed: () => void): () => void {
    const listener = { changed }
    this.#listeners.add(listener)
    if (this.#listeners.size === 1) this.refresh()
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size === 0) this.#stop()
    }
  }

  /** Watches what there is by now. */
  refresh(): void {
    if (this.#listeners.size === 0) return
    const wanted = foldersOf(this.#pathsSafely(), (path, why) => this.#warn(path, why))
    for (const [folder, { inode }] of this.#watched)
      if (wanted.get(folder)?.inode !== inode) this.#end(folder)
    for (const [folder, each] of wanted) {
      const watched = this.#watched.get(folder)
      if (watched) watched.entries = each.entries
      else this.#begin(folder, each)
    }
  }

  #begin(folder: string, { entries, inode }: WatchedFolder): void {
    try {
      const watcher = watch(folder, { persistent: false })
      const watched = { watcher, inode, entries }
      watcher.on('change', (_type, name) => {
        const { entries: those } = watched
        if (those === 'all' || name === null || those.has(String(name))) this.#touch()
      })
      watcher.on('error', (error) => {
        this.#end(folder)
        this.#warn(folder, error)
      })
      this.#watched.set(folder, watched)
    } catch (error) {
      this.#warn(folder, error)
    }
  }

  #touch(): void {
    const now = performance.now()
    if (this.#timer === undefined) this.#since = now
    else clearTimeout(this.#timer)
    const wait = Math.max(0, Math.min(QUIET_MS, this.#since + LONGEST_MS - now))
    this.#timer = setTimeout(() => this.#tell(), wait).unref()
  }

  #tell(): void {
    this.#timer = undefined
    this.refresh()
    for (const { changed } of this.#listeners) void callSafely('what watch() of previews calls', changed)
  }

  #pathsSafely(): readonly string[] {
    try {
      return this.#paths()
    } catch (error) {
      this.#warn('the files of a template', error)
      return []
    }
  }

  #warn(path: string, why: unknown): void {
    if (this.#warned.has(path)) return
    this.#warned.add(path)
    process.emitWarning(`previews cannot watch ${path}: ${thrownInWords(why)}`, 'LoudmailWarning')
  }

  #end(folder: string): void {
    this.#watched.get(folder)?.watcher.close()
    this.#watched.delete(folder)
  }

  #stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    for (const folder of this.#watched.keys()) this.#end(folder)
  }
}
