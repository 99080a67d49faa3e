import { checkNumber, checkOptions, configError } from '@loudmail/core/transport'
import type { MailNews } from '../mail-news.ts'
import { bounceOf } from './bounce-of.ts'
import { checkedAddress } from './checked-suppression.ts'
import type { Suppression, SuppressionStore } from './suppression.ts'

/** When bounces that may pass put an address on the list for a time. */
export interface SoftBounceOptions {
  /** After so many. @default 3 */
  readonly count?: number | undefined
  /** Within this time, in ms. @default 604_800_000 (a week) */
  readonly withinMs?: number | undefined
  /** It stays on the list so long after the last of them, in ms. @default 1_209_600_000 (two weeks) */
  readonly forMs?: number | undefined
}

/** The options of {@link suppressFrom}. */
export interface SuppressFromOptions {
  /** Also count bounces that may pass, such as those of a full mailbox: `{}` for the defaults. @default they are ignored */
  readonly softBounces?: SoftBounceOptions | undefined
  /**
   * Whether news is true. Anybody can write a bounce by mail, so compare its `messageId` with those that you sent.
   * @default all news except bounces and complaints by mail (`dsn`, `arf`); a warning says so once
   */
  readonly believe?: ((news: MailNews) => boolean | Promise<boolean>) | undefined
}

const DAY_MS = 86_400_000
const MOST_MS = 36_500 * DAY_MS

/**
 * Makes a function for `onNews` that puts recipients on a suppression list: those whose mail bounced for good because of
 * their address, who complained, or who unsubscribed. A bounce because of the sender, the content, a policy or a server says
 * nothing about the address, so it is ignored; so is news that does not say which of several recipients it means. The function rejects if the list cannot be written: then the provider should
 * get an error, so that it tells the news again.
 *
 * @throws MailError `config/invalid-config`
 */
export function suppressFrom(
  store: SuppressionStore,
  options: SuppressFromOptions = {},
): (news: MailNews) => Promise<void> {
  checkOptions(options, 'suppressFrom()', { softBounces: true, believe: true })
  if (typeof (store as SuppressionStore | undefined)?.add !== 'function')
    throw configError('suppressFrom() needs a suppression list, such as memorySuppressions()')
  const { believe = byWebhook() } = options
  if (typeof believe !== 'function') throw configError('suppressFrom() believe must be a function')
  const soft = options.softBounces === undefined ? undefined : checkedSoft(options.softBounces)

  async function suppressionOf(news: MailNews): Promise<Suppression | undefined> {
    const { type, from, recipient: address, id, why } = news
    // A clock that is ahead, or a date that somebody made up, must not make a suppression last longer.
    const at = new Date(Math.min(news.at.getTime(), Date.now()))
    if (type === 'complained' || type === 'unsubscribed') return { address, reason: type, at, from }
    const bounce = bounceOf(news)
    const code = why?.code
    if (bounce === 'hard') return { address, reason: 'bounced', code, at, from }
    if (bounce !== 'soft' || !soft) return undefined
    const count = await store.addSoftBounce({ address, id, at }, new Date(Date.now() - soft.withinMs))
    const until = new Date(at.getTime() + soft.forMs)
    return count < soft.count ? undefined : { address, reason: 'bounced', code, at, from, until }
  }

  return async (news) => {
    // One of several had it, and nobody knows which.
    if (news.oneOf !== undefined) return
    if (!isRelevant(news) || !isAddress(news.recipient) || !(await believe(news))) return
    const suppression = await suppressionOf(news)
    if (suppression) await store.add(suppression)
  }
}

function isRelevant(news: MailNews): boolean {
  return news.type === 'complained' || news.type === 'unsubscribed' || bounceOf(news) !== undefined
}

/** Nobody can send to what is no address, so it needs no place on the list. */
function isAddress(text: string): boolean {
  try {
    checkedAddress(text)
    return true
  } catch {
    return false
  }
}

function byWebhook(): (news: MailNews) => boolean {
  let hasWarned = false
  return ({ from }) => {
    if (from !== 'dsn' && from !== 'arf') return true
    if (!hasWarned)
      process.emitWarning(
        'suppressFrom() ignores bounces and complaints by mail, because anybody can write one. Give it the option `believe`: a function that compares `messageId` with the messages that you sent',
        'LoudmailWarning',
      )
    hasWarned = true
    return false
  }
}

function checkedSoft(options: SoftBounceOptions): { count: number; withinMs: number; forMs: number } {
  const owner = 'suppressFrom() softBounces'
  checkOptions(options, owner, { count: true, withinMs: true, forMs: true })
  const { count = 3, withinMs = 7 * DAY_MS, forMs = 14 * DAY_MS } = options
  checkNumber(count, `${owner}.count`, 1, true)
  checkNumber(withinMs, `${owner}.withinMs`, 1)
  checkNumber(forMs, `${owner}.forMs`, 1)
  if (Math.max(withinMs, forMs) > MOST_MS)
    throw configError(`${owner}.withinMs and forMs must be at most ${MOST_MS} (a hundred years)`)
  return { count, withinMs, forMs }
}
