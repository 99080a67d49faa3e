import { basename, resolve } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { checkNumber, checkOptions, configError } from '@loudmail/core/transport'
import { listKey } from '../list-key.ts'
import { checkedBounce, checkedPage, checkedSuppressions } from '../checked-suppression.ts'
import { ListFile } from './list-file.ts'
import { addSuppressions, countBounce, findSuppressions, pageOf, removeSuppression } from './queries.ts'
import type { SuppressionStore } from '../suppression.ts'

/** The options of {@link sqliteSuppressions}. */
export interface SqliteSuppressionsOptions {
  /** How long a call waits while other processes write, in ms. After that it fails with `submit/storage`. @default 5_000 */
  readonly busyMs?: number | undefined
}

/** So many are added in one transaction: it blocks the event loop. */
const PART = 500

/**
 * Keeps a suppression list in a SQLite file, which any number of processes on one machine may use, also together with an
 * outbox. Who is on the list is on disk before `add()` resolves. The file is created when the list is used first; one that
 * is deleted while it is in use makes every call fail, and no empty list takes its place.
 *
 * @throws MailError `config/invalid-config`
 */
export function sqliteSuppressions(
  file: string | URL,
  options: SqliteSuppressionsOptions = {},
): SuppressionStore {
  checkOptions(options, 'sqliteSuppressions()', { busyMs: true })
  checkNumber(options.busyMs, 'sqliteSuppressions() busyMs', 0)
  const { busyMs = 5_000 } = options
  const path = pathOf(file)
  const name = `sqliteSuppressions(${basename(path)})`
  const database = new ListFile(name, path, busyMs)
  let closing: Promise<void> | undefined
  return {
    name,
    find: (addresses) => database.read((connection) => findSuppressions(connection, addresses.map(listKey))),
    async add(given) {
      const checked = checkedSuppressions(given)
      for (let at = 0; at === 0 || at < checked.length; at += PART) {
        if (at > 0) await nextTurn()
        await database.write((connection) => addSuppressions(connection, checked.slice(at, at + PART)))
      }
    },
    remove: (address) => database.write((connection) => removeSuppression(connection, listKey(address))),
    async list(page) {
      const { after, limit } = checkedPage(page)
      return database.read((connection) => pageOf(connection, after, limit))
    },
    async addSoftBounce(bounce, since) {
      const checked = checkedBounce(bounce, since)
      return database.write((connection) => countBounce(connection, checked, since.getTime()))
    },
    close: () => (closing ??= database.close()),
  }
}

function pathOf(file: string | URL): string {
  if (file instanceof URL) {
    if (file.protocol !== 'file:')
      throw configError('sqliteSuppressions() needs a path, or a URL that begins with file:')
    return fileURLToPath(file)
  }
  if (typeof file !== 'string' || file === '')
    throw configError('sqliteSuppressions() needs the path of a file')
  if (file === ':memory:' || file.startsWith('file:'))
    throw configError(
      'sqliteSuppressions() needs the path of a file, such as suppressed.db. For a list in memory, use memorySuppressions()',
    )
  // Not as a path: a URL may have a password, and errors show paths.
  if (/^[a-z][a-z\d+.-]+:\/\//i.test(file))
    throw configError('sqliteSuppressions() needs the path of a file, and not a URL')
  return resolve(file)
}
