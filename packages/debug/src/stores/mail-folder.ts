import { lstat, mkdir, readdir, readFile, rename, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isMailId } from './mail-id.ts'
import { fromRecord, toRecord } from './mail-record.ts'
import type { StoredMail } from './mail-store.ts'

/** The largest files that are read, in octets. Larger ones do not come from a store, or do not fit into memory. */
const MOST = { json: 64 * 2 ** 20, eml: 2 ** 30 } as const
type Extension = keyof typeof MOST

/** The files of a folder store: `<id>.json` is the record of a mail, `<id>.eml` its content. */
export class MailFolder {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  /** The mails that have a record, which may turn out to be unreadable. */
  async ids(): Promise<Set<string>> {
    const files = (await unlessMissing(readdir(this.path))) ?? []
    return new Set(
      files
        .filter((file) => file.endsWith('.json'))
        .map((file) => file.slice(0, -5))
        .filter(isMailId),
    )
  }

  /** A text that changes when the record changes; undefined if there is no record. */
  async version(id: string): Promise<string | undefined> {
    const stats = await unlessMissing(lstat(this.#file(id, 'json')))
    return stats && [stats.ino, stats.size, stats.mtimeMs, stats.ctimeMs].join()
  }

  /**
   * A mail without its content; undefined if there is no such mail.
   *
   * @throws Error that says in plain words why it cannot be read
   */
  async read(id: string): Promise<StoredMail | undefined> {
    const json = await this.#read(id, 'json')
    return json && fromRecord(json.toString(), id)
  }

  /** The mail with its content, or with the reason why the content cannot be read. */
  async withContent(mail: StoredMail): Promise<StoredMail> {
    try {
      const content = await this.#read(mail.id, 'eml')
      if (!content && mail.size > 0) throw new Error('it is not there any more')
      return { ...mail, content }
    } catch (error) {
      return { ...mail, problem: `${mail.id}.eml: ${reasonOf(error)}` }
    }
  }

  async write(mail: StoredMail): Promise<void> {
    const record = toRecord(mail)
    await mkdir(this.path, { recursive: true, mode: 0o700 })
    if (mail.content) await this.#write(mail.id, 'eml', mail.content)
    // The record is written last: without it there is no mail.
    await this.#write(mail.id, 'json', record).catch(async (error: unknown) => {
      await this.remove(mail.id).catch(() => {})
      throw error
    })
  }

  /** A folder stays, whatever its name: it is not a mail. */
  async remove(id: string): Promise<void> {
    for (const extension of ['json', 'eml'] as const) {
      const file = this.#file(id, extension)
      await unlessMissing(unlink(file)).catch(async (error: unknown) => {
        if (!(await lstat(file)).isDirectory()) throw error
      })
    }
  }

  #file(id: string, extension: Extension): string {
    return join(this.path, `${id}.${extension}`)
  }

  /** Undefined if there is no such file. */
  async #read(id: string, extension: Extension): Promise<Buffer | undefined> {
    const file = this.#file(id, extension)
    const stats = await unlessMissing(lstat(file))
    if (!stats) return undefined
    // Reading a pipe could wait forever, and a link can lead anywhere.
    if (stats.isSymbolicLink()) throw new Error('it is a link')
    if (stats.isDirectory()) throw new Error('it is a folder')
    if (!stats.isFile()) throw new Error('it is not a regular file')
    if (stats.size > MOST[extension]) throw new Error(`it is larger than ${MOST[extension] / 2 ** 20} MiB`)
    return unlessMissing(readFile(file))
  }

  /** The file appears only once it is complete. */
  async #write(id: string, extension: Extension, content: string | Uint8Array): Promise<void> {
    const unfinished = join(this.path, `.${id}.${extension}.tmp`)
    try {
      await writeFile(unfinished, content, { mode: 0o600 })
      await rename(unfinished, this.#file(id, extension))
    } catch (error) {
      await unlink(unfinished).catch(() => {})
      throw error
    }
  }
}

/** Why a file cannot be read, in plain words. */
export function reasonOf(error: unknown): string {
  if (error instanceof RangeError) return 'it is nested too deep'
  const { code, message } = error as NodeJS.ErrnoException
  if (code === undefined) return message
  const isForbidden = code === 'EACCES' || code === 'EPERM'
  return isForbidden ? `this process may not read it (${code})` : `the system cannot read it (${code})`
}

export async function unlessMissing<T>(task: Promise<T>): Promise<T | undefined> {
  try {
    return await task
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
