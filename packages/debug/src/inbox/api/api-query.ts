import type { MailQuery } from '../../stores/mail-store.ts'

/** What a request for mails asks for. */
export interface ApiQuery extends MailQuery {
  /** How long to wait for a mail that matches, in ms. */
  readonly waitMs: number
}

const NAMES = ['search', 'to', 'failed', 'after', 'before', 'limit', 'wait']
const MOST = { limit: 1_000, wait: 60_000 } as const

/** @throws RangeError that says which parameter is wrong */
export function apiQuery(parameters: URLSearchParams): ApiQuery {
  const stranger = [...parameters.keys()].find((name) => !NAMES.includes(name))
  if (stranger !== undefined)
    throw new RangeError(`There is no parameter ${JSON.stringify(stranger)}, only ${NAMES.join(', ')}.`)
  const get = (name: string): string | undefined => parameters.get(name) ?? undefined
  const failed = get('failed')
  if (failed !== undefined && !['0', '1', 'true', 'false'].includes(failed))
    throw new RangeError('failed must be true or false.')
  return {
    search: get('search'),
    to: get('to'),
    failed: failed === '1' || failed === 'true',
    after: get('after'),
    before: get('before'),
    limit: number(get('limit'), 'limit', 100),
    waitMs: number(get('wait'), 'wait', 0),
  }
}

function number(text: string | undefined, name: keyof typeof MOST, otherwise: number): number {
  if (text === undefined) return otherwise
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Infinity
  if (value > MOST[name])
    throw new RangeError(
      `${name} must be a whole number from 0 to ${MOST[name]}${name === 'wait' ? ' (ms)' : ''}.`,
    )
  return value
}
