import { createReadStream, rmSync, statSync } from 'node:fs'
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { MailError } from '@loudmail/core'
import { storageError } from '../store/storage-error.ts'
import { sqliteFailure } from './sqlite-failure.ts'
import type { NewBody } from '../store/store.ts'

/** Large content, a file for each entry. */
export class ContentFiles {
  readonly #store: string
  readonly #folder: string

  constructor(store: string, folder: string) {
    this.#store = store
    this.#folder = folder
  }

  /** Writes content, chunk by chunk. It and its name are on disk when this resolves to its size in octets. */
  async write(id: string, body: NewBody): Promise<number> {
    try {
      return await this.#write(id, body.open())
    } catch (error) {
      await this.remove(id)
      throw error instanceof SourceError ? error.cause : sqliteFailure(this.#store, this.#folder, error)
    }
  }

  async #write(id: string, chunks: AsyncIterable<Uint8Array>): Promise<number> {
    const made = await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    if (made !== undefined) await syncFolder(dirname(this.#folder))
    const file = await open(this.#path(id), 'wx', 0o600)
    let octets = 0
    try {
      for await (const chunk of fromSource(chunks)) {
        await file.writeFile(chunk)
        octets += chunk.byteLength
      }
      await file.sync()
    } finally {
      await file.close()
    }
    await syncFolder(this.#folder)
    return octets
  }

  /** Whether the content is there, with this size. */
  has(id: string, octets: number): boolean {
    return statSync(this.#path(id), { throwIfNoEntry: false })?.size === octets
  }

  /** Reads content from an octet on. */
  async *read(id: string, from: number, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    const stream = createReadStream(this.#path(id), { start: from, ...(signal && { signal }) })
    try {
      yield* stream as AsyncIterable<Uint8Array>
    } catch (error) {
      if (signal?.aborted) throw error
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw this.missing()
      throw sqliteFailure(this.#store, this.#folder, error)
    }
  }

  /** The failure of content that should be there. */
  missing(): MailError {
    return storageError(
      this.#store,
      'the large content of the message is not there',
      `Do not remove files from ${this.#folder}, and move it together with the database. If there is a backup, put the file back; otherwise discard the entry, and send the message again.`,
    )
  }

  /** Removes content, if it is there. */
  async remove(id: string): Promise<void> {
    await rm(this.#path(id), { force: true })
  }

  /** Removes content at once. */
  removeNow(id: string): void {
    rmSync(this.#path(id), { force: true })
  }

  /** The content whose file was written last before a time, in ms since 1970. */
  async olderThan(time: number): Promise<string[]> {
    const names = await readdir(this.#folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return []
      throw error
    })
    const old: string[] = []
    for (const name of names) {
      // Anything else in the folder is not ours.
      if (!UUID.test(name)) continue
      const found = await stat(this.#path(name)).catch(() => undefined)
      if (found && found.mtimeMs < time) old.push(name)
    }
    return old
  }

  #path(id: string): string {
    return join(this.#folder, id)
  }
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** An error of the content itself, and not of the disk. */
class SourceError extends Error {}

async function* fromSource(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const source = chunks[Symbol.asyncIterator]()
  try {
    for (;;) {
      const next = await source.next().catch((error: unknown) => {
        throw new SourceError('the content cannot be read', { cause: error })
      })
      if (next.done) return
      yield next.value
    }
  } finally {
    await source.return?.()
  }
}

/** Writes the names of the files in a folder to the disk. */
async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open folders, and writes names with the files.
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
