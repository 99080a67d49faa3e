import { watch } from 'node:fs'
import { mkdir, readdir, readFile, rename, stat, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { checkNumber, checkOptions, configError } from '@loudmail/core/transport'
import { isMailId, newMailId } from './mail-id.ts'
import { fromRecord, isMailRecord, summaryOf, toRecord, type MailRecord } from './mail-record.ts'
import type {
  MailList,
  MailQuery,
  MailStore,
  MailSummary,
  NewMail,
  StoredMail,
  StoreEvent,
} from './mail-store.ts'
import { search } from './search.ts'
import { StoreEvents } from './store-events.ts'

export interface FolderStoreOptions {
  /** How many mails are kept; the oldest go first. @default 1_000 */
  readonly limit?: number | undefined
  /** How many octets of content are kept; the newest mail stays in any case. @default 1 GiB */
  readonly maxBytes?: number | undefined
}

/** How reading a file fails that is not there, or is another user's. */
const SOMEBODY_ELSES = new Set<string | undefined>(['ENOENT', 'EACCES', 'EPERM'])
/** A change in the folder comes as several events of the system. */
const SETTLE_MS = 20

/**
 * A store in a folder that several processes may share: each mail is `<id>.eml`, which any mail program opens, and
 * `<id>.json` with envelope, conversation and failure. What is half written is not there for others.
 *
 * @param path is made where it does not exist, for its owner alone
 * @throws MailError `config/invalid-config`
 */
export function folderStore(path: string, options: FolderStoreOptions = {}): MailStore {
  if (typeof path !== 'string' || path === '') throw configError('folderStore() needs the path of a folder')
  checkOptions(options, 'folderStore()', ['limit', 'maxBytes'])
  checkNumber(options.limit, 'folderStore() limit', 1, true)
  checkNumber(options.maxBytes, 'folderStore() maxBytes', 1, true)
  return new FolderStore(path, options.limit ?? 1_000, options.maxBytes ?? 1024 ** 3)
}

class FolderStore implements MailStore {
  readonly #path: string
  readonly #limit: number
  readonly #maxBytes: number
  readonly #events = new StoreEvents()
  /** What was found so far, by id; undefined before the first look. */
  #known: Map<string, MailSummary> | undefined
  #looking: Promise<unknown> = Promise.resolve()
  #stopWatching: (() => void) | undefined

  constructor(path: string, limit: number, maxBytes: number) {
    this.#path = path
    this.#limit = limit
    this.#maxBytes = maxBytes
  }

  async add(mail: NewMail): Promise<StoredMail> {
    const size = mail.content?.byteLength ?? 0
    const stored: StoredMail = { ...mail, id: newMailId(), at: new Date(), size, code: mail.error?.code }
    await mkdir(this.#path, { recursive: true, mode: 0o700 })
    // The record comes last: without it there is no mail.
    if (stored.content) await this.#write(`${stored.id}.eml`, stored.content)
    await this.#write(`${stored.id}.json`, JSON.stringify(toRecord(stored), undefined, 1))
    await this.#trim(await this.#look(stored.id))
    return stored
  }

  async list(query?: MailQuery): Promise<MailList> {
    return search(await this.#look(), query)
  }

  async get(id: string): Promise<StoredMail | undefined> {
    const record = isMailId(id) ? await this.#read(id) : undefined
    if (!record) return undefined
    const content = await unlessMissing(readFile(join(this.#path, `${id}.eml`)))
    return { ...fromRecord(record), content }
  }

  async delete(id: string): Promise<void> {
    if (!isMailId(id)) return
    await this.#remove(id)
    if (this.#known?.delete(id)) this.#events.tell({ type: 'deleted', id })
  }

  async clear(): Promise<void> {
    for (const id of await this.#ids()) {
      await this.#remove(id)
      this.#known?.delete(id)
    }
    this.#events.tell({ type: 'cleared' })
  }

  subscribe(listener: (event: StoreEvent) => void): () => void {
    const stop = this.#events.subscribe(listener)
    this.#stopWatching ??= this.#watch()
    return () => {
      stop()
      if (this.#events.isWatched) return
      this.#stopWatching?.()
      this.#stopWatching = undefined
    }
  }

  /**
   * What is there now, the oldest first; those who watch are told of every difference to the last look.
   *
   * @param own was just added here, which is news also at the first look
   */
  #look(own?: string): Promise<MailSummary[]> {
    const looked = this.#looking.then(async () => {
      const isFirst = this.#known === undefined
      const known = (this.#known ??= new Map())
      const ids = await this.#ids()
      for (const id of known.keys()) {
        if (!ids.has(id) && known.delete(id)) this.#events.tell({ type: 'deleted', id })
      }
      for (const id of ids) {
        const record = known.has(id) ? undefined : await this.#read(id)
        if (!record) continue
        const mail = summaryOf(fromRecord(record))
        known.set(id, mail)
        if (!isFirst || id === own) this.#events.tell({ type: 'added', mail })
      }
      return [...known.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1))
    })
    this.#looking = looked.catch(() => {})
    return looked
  }

  #watch(): () => void {
    let timer: NodeJS.Timeout | undefined
    let watcher: ReturnType<typeof watch> | undefined
    let watched: number | undefined
    let stopped = false
    const look = (): void => {
      timer = undefined
      lookAnew().catch(warn)
    }
    const lookAnew = async (): Promise<void> => {
      // Who removes the folder removes what is watched.
      if (!watcher || (await unlessMissing(stat(this.#path)))?.ino !== watched) await start()
      await this.#look()
    }
    const start = async (): Promise<void> => {
      watcher?.close()
      await mkdir(this.#path, { recursive: true, mode: 0o700 })
      watched = (await stat(this.#path)).ino
      if (stopped) return
      const onChange = (): unknown => (timer ??= setTimeout(look, SETTLE_MS).unref())
      watcher = watch(this.#path, { persistent: false }, onChange).on('error', warn)
    }
    // What is there now is no news.
    look()
    return () => {
      stopped = true
      clearTimeout(timer)
      watcher?.close()
    }
  }

  async #trim(mails: readonly MailSummary[]): Promise<void> {
    let count = mails.length
    let bytes = mails.reduce((sum, { size }) => sum + size, 0)
    for (const { id, size } of mails.slice(0, -1)) {
      if (count <= this.#limit && bytes <= this.#maxBytes) return
      await this.delete(id)
      count--
      bytes -= size
    }
  }

  async #ids(): Promise<Set<string>> {
    const files = (await unlessMissing(readdir(this.#path))) ?? []
    return new Set(
      files
        .filter((file) => file.endsWith('.json'))
        .map((file) => file.slice(0, -5))
        .filter(isMailId),
    )
  }

  /** Undefined where there is none, or where it is somebody else's. */
  async #read(id: string): Promise<MailRecord | undefined> {
    try {
      const record: unknown = JSON.parse(await readFile(join(this.#path, `${id}.json`), 'utf8'))
      return isMailRecord(record) ? record : undefined
    } catch (error) {
      if (error instanceof SyntaxError || SOMEBODY_ELSES.has((error as NodeJS.ErrnoException).code))
        return undefined
      throw error
    }
  }

  /** The file appears when it is whole. */
  async #write(file: string, content: string | Uint8Array): Promise<void> {
    const unfinished = join(this.#path, `.${file}.tmp`)
    await writeFile(unfinished, content, { mode: 0o600 })
    await rename(unfinished, join(this.#path, file))
  }

  async #remove(id: string): Promise<void> {
    for (const file of [`${id}.json`, `${id}.eml`]) await unlessMissing(unlink(join(this.#path, file)))
  }
}

function warn(error: unknown): void {
  process.emitWarning(String(error))
}

async function unlessMissing<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
