import { storeOf, type InboxSource } from './inbox-source.ts'
import type { MailMatch } from '../matchers/mail-shape.ts'
import { readMailbox } from './mailbox.ts'
import { allMails, mailsFor, openAll, type SeenMails } from './seen-mails.ts'
import type { TestMail } from './test-mail.ts'
import { shown } from '../matchers/value-match.ts'
import { waitForMail, type WaitOptions } from './wait-for-mail.ts'
import { wantedMail } from '../matchers/wanted-mail.ts'

/** The mails that were sent, for a test to check. */
export interface TestInbox {
  /** All mails, including failed sends, the oldest first. */
  mails(): Promise<TestMail[]>
  /** The newest mail; rejects if there is none. */
  last(): Promise<TestMail>
  /**
   * Resolves to the first matching mail, past or future. A shape without a state matches only mails that went out; a
   * function also gets failed sends. Rejects when the time is over; the error lists the mails that were found instead.
   */
  waitFor(match: MailMatch, options?: WaitOptions): Promise<TestMail>
  /** Empties the store. For an inbox of one address, it hides the mails that exist now, from this inbox only. */
  clear(): Promise<void>
  /**
   * The same inbox, with only the mails whose envelope has this recipient.
   *
   * @throws TypeError if it is not an address
   */
  for(address: string): TestInbox
}

/**
 * Opens the mails of a debug transport or a store. If several processes share the folder of a store, it has the mails of
 * all of them.
 *
 * @throws TypeError if it is neither; the message says what to pass instead
 */
export function testInbox(source: InboxSource): TestInbox {
  return openInbox(source, 'testInbox()')
}

/**
 * The inbox of a source, or the inbox itself.
 *
 * @param owner the function to name in the error
 * @param besides what else that function accepts, for the error: `a receipt, `
 * @throws TypeError
 */
export function openInbox(source: unknown, owner: string, besides = ''): TestInbox {
  if (isTestInbox(source)) return source
  return inboxOf(allMails(storeOf(source, owner, besides)))
}

function isTestInbox(value: unknown): value is TestInbox {
  const names = ['mails', 'last', 'waitFor', 'clear', 'for'] as const satisfies (keyof TestInbox)[]
  if (typeof value !== 'object' || value === null) return false
  return names.every((name) => typeof (value as Partial<TestInbox>)[name] === 'function')
}

function inboxOf(seen: SeenMails): TestInbox {
  return {
    mails: () => openAll(seen),
    async last() {
      for (const entry of (await seen.entries()).toReversed()) {
        const mail = await seen.open(entry)
        if (mail) return mail
      }
      throw new Error('The inbox is empty: await the send first, or use waitFor()')
    },
    async waitFor(match, options = {}) {
      if (match === undefined)
        throw new TypeError('waitFor() needs a shape or a function; {} matches any mail')
      const wanted = wantedMail(match, 'waitFor()')
      checkWaitOptions(options)
      return waitForMail(seen, wanted, options)
    },
    clear: () => seen.clear(),
    for: (address) => inboxOf(mailsFor(seen, readMailbox(address, 'the argument of for()').address)),
  }
}

function checkWaitOptions(options: WaitOptions): void {
  if (typeof options !== 'object' || options === null)
    throw new TypeError(`waitFor() takes options such as { timeoutMs: 500 }, but received ${shown(options)}`)
  const stranger = Object.keys(options).find((name) => name !== 'timeoutMs' && name !== 'signal')
  if (stranger !== undefined)
    throw new TypeError(`waitFor() has no option ${JSON.stringify(stranger)}; it has timeoutMs, signal`)
  const { timeoutMs = 0, signal } = options
  if (typeof timeoutMs !== 'number' || !(timeoutMs >= 0))
    throw new TypeError(`timeoutMs of waitFor() must be a number, 0 or more, but is ${shown(timeoutMs)}`)
  if (signal !== undefined && typeof signal.throwIfAborted !== 'function')
    throw new TypeError(
      `signal of waitFor() must be an AbortSignal: pass controller.signal, not the controller`,
    )
}
