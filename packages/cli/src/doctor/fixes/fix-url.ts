import { isDeepStrictEqual } from 'node:util'
import type { SmtpAuth, SmtpOptions } from '@loudmail/smtp'
import { endpointOf } from './endpoint.ts'
import { proxyWithoutSecret } from './proxy-without-secret.ts'

/** Stands where the password is. */
export const PASSWORD = 'PASSWORD'

/** Options that have no place in a URL. */
const ELSEWHERE = ['tlsOptions', 'timeouts', 'lookup', 'dkim', 'transform'] as const
const TEXTS = ['name', 'partial', 'localAddress'] as const
const VALUES = ['timeoutMs', 'allowInsecureAuth', 'pipelining', 'chunking'] as const

/** The user name, unless it is the password as well, as at some providers. */
export function shownUser(auth: SmtpAuth): string {
  const secret = 'accessToken' in auth ? auth.accessToken : auth.pass
  return auth.user === secret ? PASSWORD : auth.user
}

/**
 * The URL of options, with `PASSWORD` for the password. Parameters that only repeat a default are left out.
 *
 * @param before options that stay beside the URL, and are not missed in it
 * @returns undefined if a URL cannot hold them
 */
export function fixUrl(options: SmtpOptions, before: Partial<SmtpOptions> = {}): string | undefined {
  const { host, auth, lmtp = false, proxy, pool = {} } = options
  if (auth && 'accessToken' in auth) return undefined
  if (ELSEWHERE.some((name) => !isDeepStrictEqual(options[name], before[name]))) return undefined
  const { port, tls } = endpointOf(options)
  const scheme = lmtp ? 'lmtp' : tls === 'implicit' ? 'smtps' : 'smtp'
  const parameters = new URLSearchParams()
  if (scheme !== 'smtps' && tls !== endpointOf({ ...options, tls: undefined, port }).tls)
    parameters.set('tls', tls)
  for (const name of TEXTS) if (options[name] !== undefined) parameters.set(name, options[name])
  for (const name of VALUES) if (options[name] !== undefined) parameters.set(name, String(options[name]))
  if (proxy !== undefined) parameters.set('proxy', proxyWithoutSecret(proxy))
  if (auth?.method !== undefined) parameters.set('auth.method', auth.method)
  for (const [name, value] of Object.entries(pool))
    if (value !== undefined) parameters.set(`pool.${name}`, String(value))
  const user = auth ? `${encodeURIComponent(shownUser(auth))}:${PASSWORD}@` : ''
  const name = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
  const query = parameters.size > 0 ? `?${parameters.toString()}` : ''
  return `${scheme}://${user}${name}:${port}${query}`
}
