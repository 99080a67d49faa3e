import { checkNumber, checkOptions } from '@loudmail/core/transport'
import { listKey } from './list-key.ts'
import {
  checkedBounce,
  checkedPage,
  checkedSuppressions,
  isInForce,
  isStronger,
} from './checked-suppression.ts'
import { closedError, storageError } from './storage-error.ts'
import type { Suppression, SuppressionStore } from './suppression.ts'

/** The options of {@link memorySuppressions}. */
export interface MemorySuppressionsOptions {
  /** How many addresses there may be. When the list is full, `add()` fails: nothing is forgotten silently. @default 100_000 */
  readonly most?: number | undefined
}

/**
 * Keeps a suppression list in this process, for tests and for a list that the program fills when it starts. It is lost when
 * the process ends.
 *
 * @throws MailError `config/invalid-config`
 */
export function memorySuppressions(options: MemorySuppressionsOptions = {}): SuppressionStore {
  checkOptions(options, 'memorySuppressions()', { most: true })
  checkNumber(options.most, 'memorySuppressions() most', 1, true)
  const { most = 100_000 } = options
  const name = 'memorySuppressions()'
  const known = new Map<string, Suppression>()
  /** The times of the soft bounces of a mailbox, by their ids. */
  const bounces = new Map<string, Map<string, number>>()
  /** All mailboxes in order, until the list changes. */
  let order: readonly string[] | undefined
  let isClosed = false

  function run<Result>(work: () => Result): Promise<Result> {
    return new Promise((resolve) => {
      if (isClosed) throw closedError(name)
      resolve(work())
    })
  }

  function inForce(mailbox: string): Suppression | undefined {
    const found = known.get(mailbox)
    if (!found || isInForce(found, Date.now())) return found
    known.delete(mailbox)
    return undefined
  }

  function makeRoom(count: number): void {
    if (known.size + count <= most) return
    for (const mailbox of known.keys()) inForce(mailbox)
    if (known.size + count <= most) return
    throw storageError(
      name,
      `the suppression list is full: it may have ${most} addresses`,
      'Raise its option `most`, or keep the list in a file with sqliteSuppressions().',
    )
  }

  function forget(since: number): void {
    for (const [mailbox, times] of bounces) {
      for (const [id, at] of times) if (at < since) times.delete(id)
      if (times.size === 0) bounces.delete(mailbox)
    }
    // Only the count suffers: the address is suppressed later.
    for (const mailbox of bounces.keys()) {
      if (bounces.size < most) break
      bounces.delete(mailbox)
    }
  }

  return {
    name,
    find: (addresses) =>
      run(() => {
        const mailboxes = new Set(addresses.map(listKey))
        return [...mailboxes].flatMap((mailbox) => inForce(mailbox) ?? [])
      }),
    add: (given) =>
      run(() => {
        const checked = checkedSuppressions(given)
        makeRoom(new Set(checked.map(({ mailbox }) => mailbox).filter((mailbox) => !known.has(mailbox))).size)
        order = undefined
        for (const { mailbox, ...suppression } of checked) {
          const before = inForce(mailbox)
          if (!before || isStronger(suppression, before)) known.set(mailbox, Object.freeze(suppression))
        }
      }),
    remove: (address) =>
      run(() => {
        const mailbox = listKey(address)
        const isKnown = inForce(mailbox) !== undefined
        known.delete(mailbox)
        bounces.delete(mailbox)
        return isKnown
      }),
    list: (wanted) =>
      run(() => {
        const { after, limit } = checkedPage(wanted)
        order ??= [...known.keys()].toSorted()
        const begin = order.findIndex((mailbox) => mailbox > after)
        const page: Suppression[] = []
        for (let at = begin; at >= 0 && at < order.length && page.length < limit; at++) {
          const found = inForce(order[at]!)
          if (found) page.push(found)
        }
        return page
      }),
    addSoftBounce: (bounce, since) =>
      run(() => {
        const { mailbox, id, at } = checkedBounce(bounce, since)
        if (bounces.size >= most && !bounces.has(mailbox)) forget(since.getTime())
        let times = bounces.get(mailbox)
        if (!times) bounces.set(mailbox, (times = new Map()))
        times.set(id, at)
        for (const [each, time] of times) if (time < since.getTime()) times.delete(each)
        return times.size
      }),
    async close() {
      isClosed = true
    },
  }
}
