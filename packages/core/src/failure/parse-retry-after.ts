import { boundedWait } from './retry-after.ts'

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const TIME = String.raw`(?<h>\d\d):(?<m>\d\d):(?<s>\d\d)`
/** The three forms of a date in HTTP (RFC 9110 section 5.6.7). All of them are in GMT. */
const DATES = [
  String.raw`^[a-z]{3}, (?<day>\d\d) (?<month>[a-z]{3}) (?<year>\d{4}) ${TIME} gmt$`,
  String.raw`^[a-z]{6,9}, (?<day>\d\d)-(?<month>[a-z]{3})-(?<year>\d\d) ${TIME} gmt$`,
  String.raw`^[a-z]{3} (?<month>[a-z]{3}) (?<day>[ \d]\d) ${TIME} (?<year>\d{4})$`,
].map((form) => new RegExp(form, 'i'))

/**
 * How long the field `Retry-After` of an HTTP response asks to wait, in ms and at most a day: a number of seconds, or a date
 * in any form of HTTP. Undefined if there is nothing to wait for, or if it cannot be read (RFC 9110 section 10.2.3).
 *
 * @param now the time of the response, in ms since 1970
 */
export function parseRetryAfter(value: string | null | undefined, now = Date.now()): number | undefined {
  if (typeof value !== 'string') return undefined
  const text = value.trim()
  if (/^\d{1,9}$/.test(text)) return boundedWait(Number(text) * 1_000)
  const date = dateOf(text, now)
  return date === undefined ? undefined : boundedWait(date - now)
}

function dateOf(text: string, now: number): number | undefined {
  const groups = DATES.map((form) => form.exec(text)?.groups).find(Boolean)
  if (!groups) return undefined
  const month = MONTHS.indexOf(groups.month!.toLowerCase())
  const [day, year, h, m, s] = [groups.day, groups.year, groups.h, groups.m, groups.s].map(Number) as [
    number,
    number,
    number,
    number,
    number,
  ]
  if (month < 0 || day < 1 || day > 31 || h > 23 || m > 59 || s > 60) return undefined
  return Date.UTC(groups.year!.length === 2 ? fullYear(year, now) : year, month, day, h, m, s)
}

/** Two digits of a year: one that seems to be more than 50 years in the future is in the past (RFC 9110 section 5.6.7). */
function fullYear(year: number, now: number): number {
  const thisYear = new Date(now).getUTCFullYear()
  const full = thisYear - (thisYear % 100) + year
  return full > thisYear + 50 ? full - 100 : full
}
