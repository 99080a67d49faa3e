import { isDeepStrictEqual } from 'node:util'
import type { SmtpOptions } from '@loudmail/smtp'
import { shownUrl } from '../shown-url.ts'
import { endpointOf } from './endpoint.ts'

/** Options that have no place in a URL. */
const ELSEWHERE = ['tlsOptions', 'timeouts', 'lookup', 'dkim', 'transform'] as const

/**
 * The URL of options, with `PASSWORD` for the password. A parameter for TLS that only repeats the default is left out.
 *
 * @param before options that stay beside the URL, and are not missed in it
 * @returns undefined if a URL cannot hold them
 */
export function fixUrl(options: SmtpOptions, before: Partial<SmtpOptions> = {}): string | undefined {
  const { auth } = options
  if (auth && 'accessToken' in auth) return undefined
  if (ELSEWHERE.some((name) => !isDeepStrictEqual(options[name], before[name]))) return undefined
  const { port, tls } = endpointOf(options)
  const isUsual = tls !== 'implicit' && tls === endpointOf({ ...options, tls: undefined, port }).tls
  return shownUrl({ ...options, port, tls: isUsual ? undefined : tls })
}
