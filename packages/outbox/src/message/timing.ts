import { types } from 'node:util'
import { MailError } from '@loudmail/core'
import { nearestName } from '@loudmail/core/transport'

/** When a message is sent. */
export interface EntryTiming {
  /** Not before this time. @default at once */
  readonly sendAt?: Date | undefined
  /** A whole number from -1000 to 1000. Messages with a higher one go first. @default 0 */
  readonly priority?: number | undefined
  /** Not after this time, which is later than now and than `sendAt`: then it is `dead`. @default `giveUpMs` after it is due */
  readonly giveUpAt?: Date | undefined
}

const NAMES: readonly (keyof EntryTiming)[] = ['sendAt', 'priority', 'giveUpAt']
const MOST_PRIORITY = 1_000

/**
 * The timing of a message: what `enqueue()` was given, otherwise what is in its `transportData`, such as
 * `transportData: { outbox: { sendAt, priority } }`.
 *
 * @throws MailError `compose/invalid-message`
 */
export function readTiming(
  data: Readonly<Record<string, unknown>> | undefined,
  given: EntryTiming = {},
): EntryTiming {
  const own = data?.outbox === undefined ? {} : data.outbox
  if (typeof own !== 'object' || own === null || Array.isArray(own))
    throw invalid('transportData.outbox must be an object')
  const stranger = Object.keys(own).find((name) => !NAMES.includes(name as never))
  if (stranger !== undefined) throw unknown(stranger)
  const overriding = Object.entries(given).filter(([, value]) => value !== undefined)
  const timing: EntryTiming = { ...own, ...Object.fromEntries(overriding) }
  checkTiming(timing)
  return timing
}

function checkTiming({ sendAt, priority, giveUpAt }: EntryTiming): void {
  checkDate(sendAt, 'sendAt')
  checkDate(giveUpAt, 'giveUpAt')
  if (priority !== undefined && !(Number.isInteger(priority) && Math.abs(priority) <= MOST_PRIORITY))
    throw invalid(`priority must be a whole number from -${MOST_PRIORITY} to ${MOST_PRIORITY}`)
  if (giveUpAt && sendAt && giveUpAt < sendAt)
    throw invalid('giveUpAt is before sendAt, so the message would never be sent')
  if (giveUpAt && giveUpAt.getTime() <= Date.now())
    throw invalid('giveUpAt is in the past, so the message would never be sent')
}

function checkDate(date: unknown, name: string): void {
  if (date !== undefined && !(types.isDate(date) && !Number.isNaN(date.getTime())))
    throw invalid(
      `${name} must be a valid Date`,
      'Such as `new Date(Date.now() + 60_000)`, which is in a minute.',
    )
}

function unknown(name: string): MailError {
  const near = nearestName(name, NAMES)
  const hint = near === undefined ? `It may have ${NAMES.join(', ')}.` : `Did you mean ${near}?`
  return invalid(`transportData.outbox has no ${JSON.stringify(name.slice(0, 50))}`, hint)
}

function invalid(summary: string, hint?: string): MailError {
  return new MailError({ stage: 'compose', kind: 'invalid-message', summary, hint })
}
