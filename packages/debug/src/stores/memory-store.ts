import { checkNumber, checkOptions } from '@loudmail/core/transport'
import { summaryOf } from './mail-record.ts'
import type { MailStore, StoredMail } from './mail-store.ts'
import { search } from './search.ts'
import { StoreEvents } from './store-events.ts'

/** The options of {@link memoryStore}. */
export interface MemoryStoreOptions {
  /** How many mails are kept; the oldest are deleted first. @default 1_000 */
  readonly limit?: number | undefined
  /** How many octets of content are kept; the newest mail always stays. @default 256 MiB */
  readonly maxBytes?: number | undefined
}

/** A store whose mails can be read without waiting. */
export interface MemoryStore extends MailStore {
  /** The oldest first. */
  readonly mails: readonly StoredMail[]
}

/**
 * A store in the memory of the process.
 *
 * @throws MailError `config/invalid-config`
 */
export function memoryStore(options: MemoryStoreOptions = {}): MemoryStore {
  checkOptions(options, 'memoryStore()', { limit: true, maxBytes: true })
  checkNumber(options.limit, 'memoryStore() limit', 1, true)
  checkNumber(options.maxBytes, 'memoryStore() maxBytes', 1, true)
  const { limit = 1_000, maxBytes = 256 * 1024 * 1024 } = options
  const mails: StoredMail[] = []
  const events = new StoreEvents()
  let ids = 0
  let bytes = 0
  const remove = (index: number): void => {
    const [mail] = mails.splice(index, 1)
    if (!mail) return
    bytes -= mail.size
    events.tell({ type: 'deleted', id: mail.id })
  }
  return {
    mails,
    async add(mail) {
      const id = String(++ids).padStart(9, '0')
      const size = mail.content?.byteLength ?? 0
      const stored: StoredMail = { ...mail, id, at: new Date(), size, code: mail.error?.code }
      mails.push(stored)
      bytes += size
      events.tell({ type: 'added', mail: summaryOf(stored) })
      while (mails.length > limit || (bytes > maxBytes && mails.length > 1)) remove(0)
      return stored
    },
    async list(query) {
      const { mails: found, total } = search(mails, query)
      return { mails: found.map(summaryOf), total }
    },
    async get(id) {
      return mails.find((mail) => mail.id === id)
    },
    async delete(id) {
      const index = mails.findIndex((mail) => mail.id === id)
      if (index >= 0) remove(index)
    },
    async clear() {
      mails.length = 0
      bytes = 0
      events.tell({ type: 'cleared' })
    },
    subscribe: (listener) => events.subscribe(listener),
  }
}
