import { MailError, Mailer, type MailerOptions } from '@loudmail/core'
import { checkNumber, checkOptions, configError, LONGEST_MS, thrownInWords } from '@loudmail/core/transport'
import { Announcements } from './announcements.ts'
import { Attempt, type AttemptSettings } from './attempt.ts'
import { Attempts } from './attempts.ts'
import { DownPause } from './down-pause.ts'
import { giveBack } from './record-outcome.ts'
import { removeOldEntries } from './retention.ts'
import { StoreCalls } from './store-calls.ts'
import { readProgress } from '../entry/progress.ts'
import type { Lease } from '../store/store.ts'
import type { WorkSource } from './work-source.ts'

/** The options of {@link worker}. */
export interface WorkerOptions extends Pick<MailerOptions, 'observe' | 'drainMs'> {
  /** How many messages it sends at once. @default 50 */
  readonly concurrency?: number | undefined
  /**
   * What to do with a message that may have been delivered when its worker died: `park` it until a person decides, or
   * `resend` it, with the same Message-ID. @default 'park'
   */
  readonly inDoubt?: 'park' | 'resend' | undefined
  /** The longest time for one attempt, in ms. A server may take ten minutes for its last reply (RFC 5321 section 4.5.3.2.6). @default 900_000 */
  readonly deadlineMs?: number | undefined
  /** How long a message stays with a worker that gives no sign of life, in ms. @default 60_000 */
  readonly leaseMs?: number | undefined
  /** The longest pause before the second attempt, in ms. It doubles for each further attempt. A server that asks for a longer wait gets it. @default 60_000 */
  readonly delayMs?: number | undefined
  /** What the pause does not grow beyond, in ms. @default 3_600_000 */
  readonly maxDelayMs?: number | undefined
  /** How often it looks for messages that are due, in ms. It hears of new ones at once. @default 1_000 */
  readonly pollMs?: number | undefined
}

/** Sends what is in an outbox. */
export interface Worker {
  /** How its sends are: counts, health and the last failure. */
  readonly mailer: Mailer
  /**
   * Takes no more messages, waits for those in flight, and stops. Those that take longer than `drainMs` are aborted. It does
   * not close the outbox.
   */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Sends the messages of an outbox, until it is closed. It keeps the process alive. Any number of workers may share an outbox.
 * Every failure goes to the observers, as for a `Mailer`: an attempt that is followed by another one is `attempt-failed`.
 *
 * @throws MailError `config/invalid-config`
 */
export function worker(outbox: WorkSource, options: WorkerOptions = {}): Worker {
  if (typeof outbox?.unpack !== 'function')
    throw configError(
      'worker() needs an outbox, as outbox() returns it, without retry() or the like around it',
    )
  return startWorker(outbox, options, true)
}

/** So many entries that cannot be read are known, so that each is told once. */
const MOST_UNREADABLE = 1_000

/** @param keepsAlive whether it keeps the process alive while there is nothing to send */
export function startWorker(outbox: WorkSource, options: WorkerOptions, keepsAlive: boolean): Worker {
  const { concurrency, leaseMs, pollMs, mailerOptions, ...settings } = settingsOf(options)
  const { store, transport, retention } = outbox
  const calls = new StoreCalls(store.name)
  let stoppedAt: number | undefined
  const attempts = new Attempts(outbox)
  const { observe = [] } = mailerOptions
  const observers = [...[observe].flat(), attempts.settled]
  const mailer = new Mailer({ ...mailerOptions, transport: attempts.transport, observe: observers })
  const attemptSettings: AttemptSettings = {
    ...settings,
    store,
    calls,
    transport,
    announcements: new Announcements(transport),
    stoppedAt: () => stoppedAt,
    storeFailed: warnOfStore,
  }
  const leases = new Set<Lease>()
  /** Leased, and not begun: to ask the store for every single message would cost as much as all the rest. */
  let ahead: Lease[] = []
  const down = new DownPause(() => void look())
  const unreadable = new Set<string>()
  let storeWarned = false
  let isLooking = false
  let looksAgain = false
  let idle: (() => void) | undefined
  let closing: Promise<void> | undefined

  const offWork = store.onWork(() => void look())
  const poll = setInterval(() => void look(), pollMs)
  const beat = setInterval(() => void extend(), leaseMs / 3).unref()
  if (!keepsAlive) poll.unref()
  const purge: typeof store.purge = (...args) => calls.answer(store.purge(...args))
  const endRemoving = removeOldEntries({ purge }, retention, warnOfStore)
  void look()

  /** Sends as many messages as there is room for. */
  async function look(): Promise<void> {
    looksAgain = true
    if (isLooking) return
    isLooking = true
    while (looksAgain && stoppedAt === undefined) {
      looksAgain = false
      const room = roomNow()
      for (const each of ahead.splice(0, room)) void run(each)
      const left = roomNow()
      if (left > 0) await leaseMore(left)
    }
    isLooking = false
    settleIfIdle()
  }

  function roomNow(): number {
    return down.room(concurrency - leases.size + ahead.length)
  }

  async function leaseMore(room: number): Promise<void> {
    const more = down.isDown ? 0 : Math.floor(concurrency / 4)
    const found = await lease(room + more)
    for (const each of found) leases.add(each)
    ahead.push(...found)
    if (stoppedAt !== undefined) await releaseAhead()
    else if (found.length > 0) looksAgain = true
  }

  async function lease(most: number): Promise<readonly Lease[]> {
    try {
      const found = await calls.answer(store.lease(most, leaseMs))
      storeWarned = false
      return found
    } catch (error) {
      warnOfStore(error)
      return []
    }
  }

  async function run(leased: Lease): Promise<void> {
    try {
      await attemptOf(leased)
    } catch (error) {
      warnOfEntry(leased, error)
    }
    leases.delete(leased)
    settleIfIdle()
    void look()
  }

  async function attemptOf(leased: Lease): Promise<void> {
    const { entry } = leased
    const progress = readProgress(entry.progress)
    const attempt = new Attempt(leased, attemptSettings, progress, outbox.unpack(entry, progress))
    const context = { outbox: { id: entry.id, attempt: entry.attempts + 1 } }
    const attempted = await attempts.run(attempt, mailer, context)
    if (!attempted) {
      // Somebody closed the mailer instead of the worker.
      void self.close()
      await giveBack(leased, attemptSettings)
    }
    down.add(attempted)
    if (down.isDown) void releaseAhead()
  }

  /** Gives back what was not begun. */
  async function releaseAhead(): Promise<void> {
    const unbegun = ahead
    ahead = []
    await Promise.all(unbegun.map((each) => giveBack(each, attemptSettings)))
    for (const each of unbegun) leases.delete(each)
    settleIfIdle()
  }

  async function extend(): Promise<void> {
    if (leases.size === 0) return
    try {
      // Who lost a lease hears of it when it begins or ends to send.
      await store.extend([...leases], leaseMs)
    } catch (error) {
      warnOfStore(error)
    }
  }

  /** Once until the store works again: otherwise it would be every second. */
  function warnOfStore(error: unknown): void {
    if (storeWarned || stoppedAt !== undefined) return
    storeWarned = true
    process.emitWarning(`a worker cannot use its outbox: ${wordsOf(error)}`, 'LoudmailWarning')
  }

  /** Its lease ends by itself, and nobody else waits for it. Once for each entry: it comes again and again. */
  function warnOfEntry({ entry: { id, messageId = '' } }: Lease, error: unknown): void {
    if (unreadable.has(id)) return
    if (unreadable.size >= MOST_UNREADABLE) unreadable.clear()
    unreadable.add(id)
    process.emitWarning(
      `a worker leaves the entry ${id} ${messageId} as it is: ${wordsOf(error)}`,
      'LoudmailWarning',
    )
  }

  function settleIfIdle(): void {
    if (leases.size === 0 && !isLooking) idle?.()
  }

  async function close(): Promise<void> {
    stoppedAt = performance.now()
    calls.stop()
    offWork()
    clearInterval(poll)
    down.end()
    const settled = new Promise<void>((resolve) => (idle = resolve))
    await Promise.all([mailer.close(), releaseAhead(), settled, endRemoving()])
    calls.end()
    clearInterval(beat)
  }

  const self: Worker = {
    mailer,
    close: () => (closing ??= close()),
    [Symbol.asyncDispose]: () => self.close(),
  }
  return self
}

/** The options with every default filled in. */
function settingsOf(options: WorkerOptions) {
  checkOptions(options, 'worker()', {
    observe: true,
    drainMs: true,
    concurrency: true,
    inDoubt: true,
    deadlineMs: true,
    leaseMs: true,
    delayMs: true,
    maxDelayMs: true,
    pollMs: true,
  })
  const {
    concurrency = 50,
    inDoubt = 'park',
    deadlineMs = 900_000,
    leaseMs = 60_000,
    delayMs = 60_000,
    maxDelayMs = 3_600_000,
    pollMs = 1_000,
    ...others
  } = options
  checkNumber(concurrency, 'worker() concurrency', 1, true)
  checkNumber(deadlineMs, 'worker() deadlineMs', 1)
  checkNumber(leaseMs, 'worker() leaseMs', 100, true)
  checkNumber(delayMs, 'worker() delayMs', 0)
  checkNumber(maxDelayMs, 'worker() maxDelayMs', 0)
  checkNumber(pollMs, 'worker() pollMs', 1)
  for (const [name, ms] of Object.entries({ leaseMs, pollMs }))
    if (ms > LONGEST_MS) throw configError(`worker() ${name} must be at most ${LONGEST_MS}`)
  if (inDoubt !== 'park' && inDoubt !== 'resend')
    throw configError("worker() inDoubt must be 'park' or 'resend'")
  const mailerOptions = { ...others, deadlineMs }
  return { concurrency, inDoubt, leaseMs, delayMs, maxDelayMs, pollMs, mailerOptions }
}

/** A store of a user can throw anything. */
function wordsOf(error: unknown): string {
  return MailError.is(error) ? `${error.message} - ${error.hint}` : thrownInWords(error)
}
