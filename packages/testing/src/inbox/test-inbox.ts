import { storeOf, type InboxSource } from './inbox-source.ts'
import type { MailMatch } from '../matchers/mail-shape.ts'
import { readMailbox } from './mailbox.ts'
import { allMails, mailsFor, openAll, type SeenMails } from './seen-mails.ts'
import type { TestMail } from './test-mail.ts'
import { shown } from '../matchers/value-match.ts'
import { waitForMail, type WaitOptions } from './wait-for-mail.ts'
import { wantedMail } from '../matchers/wanted-mail.ts'

/** What was sent, for a test to look into. */
export interface TestInbox {
  /** All there is, failed sends included, the oldest first. */
  mails(): Promise<TestMail[]>
  /** The newest; rejects where there is none. */
  last(): Promise<TestMail>
  /**
   * Resolves to the first mail that matches, past or future. A shape without a state is matched by what went out; a
   * function sees failed sends, too. Rejects when the time is over, and says what was there instead.
   */
  waitFor(match: MailMatch, options?: WaitOptions): Promise<TestMail>
  /** Empties the store; of an inbox for one address, hides what is there now from this inbox alone. */
  clear(): Promise<void>
  /**
   * The same inbox with only those mails in it whose envelope has that recipient.
   *
   * @throws TypeError where it is not an address
   */
  for(address: string): TestInbox
}

/**
 * Looks into what a debug transport sent, or into a store; the mails of several processes where they share its folder.
 *
 * @throws TypeError where it is neither, with what to give instead
 */
export function testInbox(source: InboxSource): TestInbox {
  return openInbox(source, 'testInbox()')
}

/**
 * The inbox of a source, or the inbox itself.
 *
 * @param owner who was given it, for the error, with what it takes besides: `a receipt, `
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
      throw new Error('There is no mail: await the send first, or use waitFor()')
    },
    async waitFor(match, options = {}) {
      if (match === undefined) throw new TypeError('waitFor() needs a shape or a function; {} is any mail')
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
    throw new TypeError(`waitFor() takes options such as { timeoutMs: 500 }, and got ${shown(options)}`)
  const stranger = Object.keys(options).find((name) => name !== 'timeoutMs' && name !== 'signal')
  if (stranger !== undefined)
    throw new TypeError(`waitFor() has no option ${JSON.stringify(stranger)}; it has timeoutMs, signal`)
  const { timeoutMs = 0, signal } = options
  if (typeof timeoutMs !== 'number' || !(timeoutMs >= 0))
    throw new TypeError(`timeoutMs of waitFor() must be a number from 0 up, and is ${shown(timeoutMs)}`)
  if (signal !== undefined && typeof signal.throwIfAborted !== 'function')
    throw new TypeError(
      `signal of waitFor() must be an AbortSignal: the signal of a controller, not the controller`,
    )
}
