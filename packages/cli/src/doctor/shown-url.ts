import type { SmtpAuth, SmtpOptions } from '@loudmail/smtp'

/** Stands where a password is. */
export const PASSWORD = 'PASSWORD'

/** Options that a URL has as query parameters. */
const PARAMETERS = [
  'tls',
  'allowInsecureAuth',
  'name',
  'localAddress',
  'partial',
  'pipelining',
  'chunking',
  'timeoutMs',
] as const

/** Options as a URL that can be shown and pasted. A password is replaced by `PASSWORD`. */
export function shownUrl(options: SmtpOptions): string {
  const { host, port, tls, auth, lmtp, proxy, pool } = options
  const scheme = lmtp ? 'lmtp' : tls === 'implicit' ? 'smtps' : 'smtp'
  const user = auth ? `${encodeURIComponent(shownUser(auth))}:${PASSWORD}@` : ''
  const query = new URLSearchParams()
  for (const name of PARAMETERS) {
    const value = options[name]
    if (value !== undefined && !(name === 'tls' && scheme === 'smtps')) query.set(name, String(value))
  }
  if (auth?.method !== undefined) query.set('auth.method', auth.method)
  for (const [name, value] of Object.entries(pool ?? {}))
    if (value !== undefined) query.set(`pool.${name}`, String(value))
  if (proxy !== undefined) query.set('proxy', shownProxy(proxy))
  const bare = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
  const parameters =
    query.size === 0 ? '' : `?${query.toString().replaceAll('%3A', ':').replaceAll('%2F', '/')}`
  return `${scheme}://${user}${bare}${port === undefined ? '' : `:${port}`}${parameters}`
}

/** The user name, unless it is the password as well, as at some providers. */
export function shownUser(auth: SmtpAuth): string {
  const secret = 'accessToken' in auth ? auth.accessToken : auth.pass
  return auth.user === secret ? PASSWORD : auth.user
}

/** The URL of a proxy, with `PASSWORD` for its password (or for a user without one, which is a token). */
export function shownProxy(proxy: string): string {
  if (!URL.canParse(proxy)) return 'http://PROXY'
  const url = new URL(proxy)
  if (url.password !== '') url.password = PASSWORD
  else if (url.username !== '') url.username = PASSWORD
  return url.href.replace(/\/$/, '')
}
