import { checkNumber, checkOptions, configError, thrownInWords } from '@loudmail/core/transport'
import { watchFolder } from './folder-watch.ts'
import { MailFolder, reasonOf } from './mail-folder.ts'
import { isMailId, newMailId } from './mail-id.ts'
import { summaryOf } from './mail-record.ts'
import type {
  MailList,
  MailQuery,
  MailStore,
  MailSummary,
  NewMail,
  StoredMail,
  StoreEvent,
  UnreadableMail,
} from './mail-store.ts'
import { search, type SearchedMail } from './search.ts'
import { StoreEvents } from './store-events.ts'

/** The options of {@link folderStore}. */
export interface FolderStoreOptions {
  /** How many mails are kept; the oldest are deleted first. @default 1_000 */
  readonly limit?: number | undefined
  /** How many octets of content are kept; the newest mail always stays. @default 1 GiB */
  readonly maxBytes?: number | undefined
}

/**
 * A store in a folder that several processes may share: each mail is `<id>.eml`, which any mail program opens, and
 * `<id>.json` with envelope, conversation and failure. Others see a mail only once it is complete. A file that cannot be
 * read as a mail is listed as `unreadable`; the other mails stay readable.
 *
 * @param path is created if it does not exist, for its owner alone
 * @throws MailError `config/invalid-config`
 */
export function folderStore(path: string, options: FolderStoreOptions = {}): MailStore {
  if (typeof path !== 'string' || path === '') throw configError('folderStore() needs the path of a folder')
  checkOptions(options, 'folderStore()', { limit: true, maxBytes: true })
  checkNumber(options.limit, 'folderStore() limit', 1, true)
  checkNumber(options.maxBytes, 'folderStore() maxBytes', 1, true)
  return new FolderStore(path, options.limit ?? 1_000, options.maxBytes ?? 1024 ** 3)
}

class FolderStore implements MailStore {
  readonly #folder: MailFolder
  readonly #limit: number
  readonly #maxBytes: number
  readonly #events = new StoreEvents()
  /** The mails found so far, by id; undefined before the first look. */
  #known: Map<string, SearchedMail> | undefined
  /** What cannot be read, by id, with the version of the file, so that it is not read again in vain. */
  readonly #unreadable = new Map<string, UnreadableMail & { readonly version: string | undefined }>()
  #looking: Promise<unknown> = Promise.resolve()
  #stopWatching: (() => void) | undefined
  #hasWarned = false

  constructor(path: string, limit: number, maxBytes: number) {
    this.#folder = new MailFolder(path)
    this.#limit = limit
    this.#maxBytes = maxBytes
  }

  async add(mail: NewMail): Promise<StoredMail> {
    const size = mail.content?.byteLength ?? 0
    const stored: StoredMail = { ...mail, id: newMailId(), at: new Date(), size, code: mail.error?.code }
    await this.#folder.write(stored)
    // The mail is kept now, whatever is wrong with the others.
    await this.#look(stored.id)
      .then((mails) => this.#trim(mails))
      .catch((error: unknown) => this.#warn(error))
    return stored
  }

  async list(query?: MailQuery): Promise<MailList> {
    const { mails, total } = search(await this.#look(), query)
    const list = { mails: mails.map(summaryOf), total }
    const unreadable = [...this.#unreadable.values()].map(({ id, file, reason }) => ({ id, file, reason }))
    return unreadable.length > 0 ? { ...list, unreadable } : list
  }

  async get(id: string): Promise<StoredMail | undefined> {
    const mail = isMailId(id) ? await this.#read(id) : undefined
    return mail && this.#folder.withContent(mail)
  }

  async delete(id: string): Promise<void> {
    if (!isMailId(id)) return
    await this.#folder.remove(id)
    this.#forget(id)
  }

  async clear(): Promise<void> {
    const gone: string[] = []
    const failures: unknown[] = []
    for (const id of await this.#folder.ids()) {
      try {
        await this.#folder.remove(id)
        if (this.#known?.delete(id)) gone.push(id)
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length === 0) return this.#events.tell({ type: 'cleared' })
    for (const id of gone) this.#events.tell({ type: 'deleted', id })
    throw failures[0]
  }

  subscribe(listener: (event: StoreEvent) => void): () => void {
    const stop = this.#events.subscribe(listener)
    // Mails that are there already are not reported.
    this.#stopWatching ??= watchFolder(this.#folder.path, () => this.#look())
    return () => {
      stop()
      if (this.#events.isWatched) return
      this.#stopWatching?.()
      this.#stopWatching = undefined
    }
  }

  /**
   * The mails that are there now, the oldest first. Listeners hear of every difference since the last look.
   *
   * @param own was just added here, so that listeners hear of it also at the first look
   */
  #look(own?: string): Promise<SearchedMail[]> {
    const looked = this.#looking.then(async () => {
      const isFirst = this.#known === undefined
      const known = (this.#known ??= new Map())
      const ids = await this.#folder.ids()
      for (const id of [...known.keys(), ...this.#unreadable.keys()]) if (!ids.has(id)) this.#forget(id)
      for (const id of ids) {
        const found = known.has(id) ? undefined : await this.#read(id)
        if (!found) continue
        const mail = summaryOf(found)
        known.set(id, { ...mail, searchText: found.searchText })
        if (!isFirst || id === own) this.#events.tell({ type: 'added', mail })
      }
      return [...known.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1))
    })
    this.#looking = looked.catch(() => {})
    return looked
  }

  /** Undefined if there is no such mail, or if it cannot be read, which is noted. */
  async #read(id: string): Promise<StoredMail | undefined> {
    let version: string | undefined
    try {
      version = await this.#folder.version(id)
      if (version !== undefined && this.#unreadable.get(id)?.version === version) return undefined
      this.#unreadable.delete(id)
      return await this.#folder.read(id)
    } catch (error) {
      this.#forget(id)
      this.#unreadable.set(id, { id, file: `${id}.json`, reason: reasonOf(error), version })
      return undefined
    }
  }

  #forget(id: string): void {
    this.#unreadable.delete(id)
    if (this.#known?.delete(id)) this.#events.tell({ type: 'deleted', id })
  }

  async #trim(mails: readonly MailSummary[]): Promise<void> {
    let count = mails.length
    let bytes = mails.reduce((sum, { size }) => sum + size, 0)
    for (const { id, size } of mails.slice(0, -1)) {
      if (count <= this.#limit && bytes <= this.#maxBytes) return
      try {
        await this.delete(id)
        count--
        bytes -= size
      } catch (error) {
        this.#warn(error)
      }
    }
  }

  /** Warns once: the reason would be the same for every mail. */
  #warn(error: unknown): void {
    if (this.#hasWarned) return
    this.#hasWarned = true
    process.emitWarning(
      `the folder ${this.#folder.path} keeps new mails, but its old ones cannot all be listed or deleted: ${thrownInWords(error)}`,
      'LoudmailWarning',
    )
  }
}
