import { Mailer, type MailerOptions, type Transport } from '@loudmail/core'
import { checkNumber, checkOptions, configError } from '@loudmail/core/transport'
import { attempts } from './attempts.ts'
import type { Lease, OutboxStore } from '../store/store.ts'

/** What a worker needs to know of an outbox. */
export interface WorkSource {
  /** Where the messages are. */
  readonly store: OutboxStore
  /** How they are sent. */
  readonly transport: Transport
}

/** The options of {@link worker}. */
export interface WorkerOptions extends Pick<MailerOptions, 'observe' | 'drainMs'> {
  /** How many messages it sends at once. @default 50 */
  readonly concurrency?: number | undefined
  /**
   * What to do with a message that may have been delivered when its worker died: `park` it until a person decides, or
   * `resend` it, with the same Message-ID. @default 'park'
   */
  readonly inDoubt?: 'park' | 'resend' | undefined
  /** The longest time for one attempt, in ms. @default 900_000 */
  readonly deadlineMs?: number | undefined
  /** How long a message stays with a worker that gives no sign of life, in ms. @default 60_000 */
  readonly leaseMs?: number | undefined
  /** The longest pause before the second attempt, in ms. It doubles for each further attempt. @default 30_000 */
  readonly delayMs?: number | undefined
  /** What the pause does not grow beyond, in ms. @default 3_600_000 */
  readonly maxDelayMs?: number | undefined
  /** How often it looks for messages that nobody announced, in ms. @default 1_000 */
  readonly pollMs?: number | undefined
}

/** Sends what is in an outbox. */
export interface Worker {
  /** How its sends are: counts, health and the last failure. */
  readonly mailer: Mailer
  /** Takes no more messages, waits for those in flight, and stops. It does not close the outbox. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Sends the messages of an outbox, until it is closed. Any number of workers can share an outbox.
 *
 * @throws MailError `config/invalid-config`
 */
export function worker(outbox: WorkSource, options: WorkerOptions = {}): Worker {
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
    delayMs = 30_000,
    maxDelayMs = 3_600_000,
    pollMs = 1_000,
    ...mailerOptions
  } = options
  checkNumber(concurrency, 'worker() concurrency', 1, true)
  checkNumber(leaseMs, 'worker() leaseMs', 100)
  checkNumber(delayMs, 'worker() delayMs', 0)
  checkNumber(maxDelayMs, 'worker() maxDelayMs', 0)
  checkNumber(pollMs, 'worker() pollMs', 1)
  if (inDoubt !== 'park' && inDoubt !== 'resend')
    throw configError("worker() inDoubt must be 'park' or 'resend'")
  const { store } = outbox
  const sends = attempts(outbox, { inDoubt, delayMs, maxDelayMs })
  const mailer = new Mailer({ ...mailerOptions, transport: sends.transport, failure: 'silent', deadlineMs })
  const leases = new Set<Lease>()
  let isStopping = false
  let isLooking = false
  let lookAgain = false
  let idle: (() => void) | undefined

  const offWork = store.onWork(() => void look())
  const poll = setInterval(() => void look(), pollMs)
  const beat = setInterval(() => void extend(), leaseMs / 3)
  void look()

  async function look(): Promise<void> {
    if (isLooking) return void (lookAgain = true)
    isLooking = true
    do {
      lookAgain = false
      const room = concurrency - leases.size
      if (isStopping || room === 0) break
      const found = await lease(room)
      for (const each of found) void run(each)
      // There may be more than there was room for.
      if (found.length === room) lookAgain = true
    } while (lookAgain)
    isLooking = false
    settleIfIdle()
  }

  async function lease(most: number): Promise<readonly Lease[]> {
    try {
      return await store.lease(most, leaseMs)
    } catch (error) {
      sends.storeFailed(error)
      return []
    }
  }

  async function run(leased: Lease): Promise<void> {
    leases.add(leased)
    await sends.send(leased, mailer)
    leases.delete(leased)
    settleIfIdle()
    void look()
  }

  async function extend(): Promise<void> {
    if (leases.size === 0) return
    try {
      for (const lost of await store.extend([...leases], leaseMs)) sends.lost(lost)
    } catch (error) {
      sends.storeFailed(error)
    }
  }

  function settleIfIdle(): void {
    if (leases.size === 0 && !isLooking) idle?.()
  }

  let closing: Promise<void> | undefined
  async function close(): Promise<void> {
    isStopping = true
    offWork()
    clearInterval(poll)
    await Promise.all([
      mailer.close(),
      new Promise<void>((resolve) => {
        idle = resolve
        settleIfIdle()
      }),
    ])
    clearInterval(beat)
  }

  const self: Worker = {
    mailer,
    close: () => (closing ??= close()),
    [Symbol.asyncDispose]: () => self.close(),
  }
  return self
}
