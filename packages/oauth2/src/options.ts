import { MailError } from '@loudmail/core'
import { bareHost, checkNumber, configError, isLoopback } from '@loudmail/core/transport'

/** What every function of this package accepts. */
export interface RequestOptions {
  /** The longest time for one request to the token server, in ms. @default 10_000 */
  readonly timeoutMs?: number | undefined
}

/** Where tokens come from. */
export interface Endpoint {
  readonly url: URL
  readonly timeoutMs: number
}

/** The longest time of a timer, in ms: 24 days. */
const LONGEST_TIMER = 2 ** 31 - 1

/** @throws MailError `config/invalid-config` */
export function endpointOf(
  owner: string,
  name: string,
  value: unknown,
  { timeoutMs = 10_000 }: RequestOptions,
): Endpoint {
  checkNumber(timeoutMs, `${owner} timeoutMs`, 1)
  return { url: secureUrl(owner, name, value), timeoutMs: Math.min(Math.ceil(timeoutMs), LONGEST_TIMER) }
}

/** A secret goes there, so it must be encrypted. Only a server on this machine, for tests, may do without. */
export function secureUrl(owner: string, name: string, value: unknown): URL {
  const text = value instanceof URL ? value.href : value
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined
  const isSecure =
    url && (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(bareHost(url.hostname))))
  if (!isSecure) throw configError(`${owner} ${name} must be a URL that begins with https://`)
  if (url.username !== '' || url.password !== '')
    throw configError(`${owner} ${name} must not contain a user or a password`)
  return url
}

/** @throws MailError `config/missing-credentials` if it is missing, `config/invalid-config` if it cannot be right */
export function credential(owner: string, name: string, value: unknown): string {
  if (value === undefined || value === null || value === '')
    throw missing(`${owner} ${name} is missing or empty`)
  if (typeof value !== 'string') throw configError(`${owner} ${name} must be a string`)
  // oxlint-disable-next-line no-control-regex
  if (/^\s|\s$|[\x00-\x1F\x7F]/.test(value)) {
    throw configError(
      `${owner} ${name} begins or ends with white space, or contains a line break or a control character`,
    )
  }
  return value
}

export function optionalCredential(owner: string, name: string, value: unknown): string | undefined {
  return value === undefined ? undefined : credential(owner, name, value)
}

export function missing(summary: string): MailError {
  return new MailError({
    stage: 'config',
    kind: 'missing-credentials',
    summary,
    hint: 'Set the option that this error names, and check that the environment variable it comes from is set.',
  })
}

/** Scopes, separated by spaces. */
export function scopeOf(owner: string, value: unknown): string | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'string' || !/^[\x21-\x7E]+(?: [\x21-\x7E]+)*$/.test(value))
    throw configError(`${owner} scope must be a string with scopes that are separated by spaces`)
  return value
}

/** Is called with every new refresh token. */
export type OnRefreshToken = (refreshToken: string) => unknown

export function callbackOf(owner: string, value: unknown): OnRefreshToken | undefined {
  if (value !== undefined && typeof value !== 'function')
    throw configError(`${owner} onRefreshToken must be a function that takes the new refresh token`)
  return value as OnRefreshToken | undefined
}
