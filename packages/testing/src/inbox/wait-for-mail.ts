import type { InboxEntry, InboxStore } from './inbox-source.ts'
import { mailReport } from '../matchers/mail-report.ts'
import { openAll, type SeenMails } from './seen-mails.ts'
import type { TestMail } from './test-mail.ts'
import { isWanted, type WantedMail } from '../matchers/wanted-mail.ts'

/** How long to wait for a mail. */
export interface WaitOptions {
  /** @default 5_000 */
  readonly timeoutMs?: number | undefined
  /** Ends the wait; it rejects with the reason of the signal. */
  readonly signal?: AbortSignal | undefined
}

const LONGEST_TIMER_MS = 2 ** 31 - 1

/** Resolves to the first wanted mail, past or future. Rejects when the time is over or the signal aborts. */
export async function waitForMail(
  seen: SeenMails,
  wanted: WantedMail,
  { timeoutMs = 5_000, signal }: WaitOptions,
): Promise<TestMail> {
  signal?.throwIfAborted()
  const arrivals = new Arrivals(seen.store)
  const search = async (): Promise<TestMail> => {
    for (const entry of await seen.entries()) {
      const mail = await seen.open(entry)
      if (mail && isWanted(mail, wanted)) return mail
    }
    for (;;) {
      const mail = await seen.open(await arrivals.next())
      if (mail && isWanted(mail, wanted)) return mail
    }
  }
  const over = Promise.withResolvers<undefined>()
  const timer = setTimeout(() => over.resolve(undefined), Math.min(timeoutMs, LONGEST_TIMER_MS))
  const abort = (): void => over.reject(signal?.reason)
  signal?.addEventListener('abort', abort)
  try {
    const found = await Promise.race([search(), over.promise])
    if (found) return found
  } finally {
    arrivals.end()
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
  }
  // The list of mails in the error must not contain the wanted mail.
  const there = await openAll(seen)
  const late = there.find((mail) => isWanted(mail, wanted))
  if (late) return late
  throw new Error(`Waited ${timeoutMs} ms for a mail${wanted.text}.\n${mailReport(there, wanted)}`)
}

/** The mails that arrive in a store from now on, one after the other. */
class Arrivals {
  readonly #queue: InboxEntry[] = []
  #wake: () => void = () => {}
  readonly end: () => void

  constructor(store: InboxStore) {
    this.end = store.subscribe((event) => {
      if (event.type !== 'added') return
      this.#queue.push(event.mail)
      this.#wake()
    })
  }

  async next(): Promise<InboxEntry> {
    for (;;) {
      const entry = this.#queue.shift()
      if (entry) return entry
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }
}
