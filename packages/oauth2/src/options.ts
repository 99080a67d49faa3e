import { checkNumber, configError, credential, LONGEST_MS, secureUrl } from '@loudmail/core/transport'

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

/** @throws MailError `config/invalid-config` */
export function endpointOf(
  owner: string,
  name: string,
  value: unknown,
  { timeoutMs = 10_000 }: RequestOptions,
): Endpoint {
  checkNumber(timeoutMs, `${owner} timeoutMs`, 1)
  return { url: secureUrl(owner, name, value), timeoutMs: Math.min(Math.ceil(timeoutMs), LONGEST_MS) }
}

export function optionalCredential(owner: string, name: string, value: unknown): string | undefined {
  return value === undefined ? undefined : credential(owner, name, value)
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
