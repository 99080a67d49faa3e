import type { MailError } from '@loudmail/core'
import { configError, parseAddressList } from '@loudmail/core/transport'
import { listKey } from './list-key.ts'
import type { SoftBounce, Suppression, SuppressionPage, SuppressionReason } from './suppression.ts'

/** The graver reason has the larger number. */
const GRAVITY: Readonly<Record<SuppressionReason, number>> = {
  bounced: 0,
  manual: 1,
  unsubscribed: 2,
  complained: 3,
}
const FIELDS: Readonly<Record<keyof Suppression, true>> = {
  address: true,
  reason: true,
  code: true,
  at: true,
  from: true,
  until: true,
}
const MOST_TEXT = 200
const MOST_PAGE = 1_000

/** A suppression that can be kept, with its mailbox. */
export interface CheckedSuppression extends Suppression {
  readonly mailbox: string
}

/**
 * Checks what comes from outside.
 *
 * @throws MailError `compose/invalid-address`, `config/invalid-config`
 */
export function checkedSuppressions(given: Suppression | readonly Suppression[]): CheckedSuppression[] {
  return (Array.isArray(given) ? (given as readonly Suppression[]) : [given as Suppression]).map(checked)
}

function checked(given: Suppression): CheckedSuppression {
  if (typeof given !== 'object' || given === null)
    throw wrong('must be an object with address, reason and at')
  const { reason, code, at, from, until } = given
  const stranger = Object.keys(given).find((name) => !Object.hasOwn(FIELDS, name))
  if (stranger !== undefined) throw wrong(`has no field ${JSON.stringify(stranger.slice(0, 40))}`)
  const address = checkedAddress(given.address)
  if (typeof reason !== 'string' || !Object.hasOwn(GRAVITY, reason))
    throw wrong(`needs a reason: ${Object.keys(GRAVITY).join(', ')}`)
  if (!isTime(at)) throw wrong('needs at: a Date, since when nothing is sent')
  if (until !== undefined && !isTime(until)) throw wrong('must have a Date in until, or no until')
  if (!isText(code) || !isText(from))
    throw wrong(
      `must have a string of at most ${MOST_TEXT} characters in code and in from, or leave them out`,
    )
  return {
    address,
    mailbox: listKey(address),
    reason,
    ...(code !== undefined && { code }),
    // Dates can be changed.
    at: new Date(at),
    ...(from !== undefined && { from }),
    ...(until !== undefined && { until: new Date(until) }),
  }
}

/** @throws MailError `compose/invalid-address` */
export function checkedAddress(address: string): string {
  const parsed = parseAddressList(address, 'address')
  if (parsed.length === 1) return parsed[0]!.address
  // Throws with the text for what is not one address.
  return parseAddressList([address === '' ? '' : { address }], 'address')[0]!.address
}

/** @throws MailError `compose/invalid-address`, `config/invalid-config` */
export function checkedBounce(bounce: SoftBounce, since: Date): { mailbox: string; id: string; at: number } {
  const mailbox = listKey(checkedAddress(bounce.address))
  if (typeof bounce.id !== 'string' || bounce.id === '')
    throw configError('a soft bounce needs the id of its news')
  if (!isTime(bounce.at) || !isTime(since)) throw configError('a soft bounce needs Dates')
  return { mailbox, id: bounce.id, at: bounce.at.getTime() }
}

/** @throws MailError `config/invalid-config` */
export function checkedPage({ after, limit = 100 }: SuppressionPage = {}): { after: string; limit: number } {
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST_PAGE)
    throw configError(`list() limit must be a whole number from 1 to ${MOST_PAGE}`)
  if (after !== undefined && typeof after !== 'string') throw configError('list() after must be an address')
  return { after: after === undefined ? '' : listKey(after), limit }
}

/** Whether a suppression takes the place of the one that is there. */
export function isStronger(next: Suppression, known: Suppression): boolean {
  const order =
    (next.until?.getTime() ?? Infinity) - (known.until?.getTime() ?? Infinity) ||
    GRAVITY[next.reason] - GRAVITY[known.reason] ||
    known.at.getTime() - next.at.getTime()
  return order > 0
}

/** Whether it is still in force. */
export function isInForce({ until }: Suppression, now: number): boolean {
  return until === undefined || until.getTime() > now
}

function wrong(what: string): MailError {
  return configError(`a suppression ${what}`)
}

function isTime(value: unknown): value is Date {
  return value instanceof Date && Number.isFinite(value.getTime())
}

function isText(value: unknown): boolean {
  return value === undefined || (typeof value === 'string' && value.length <= MOST_TEXT)
}
