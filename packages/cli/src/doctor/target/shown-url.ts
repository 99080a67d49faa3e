import type { SmtpOptions } from '@loudmail/smtp'

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
  const user = auth ? `${encodeURIComponent(auth.user)}:PASSWORD@` : ''
  const query = new URLSearchParams()
  for (const name of PARAMETERS) {
    const value = options[name]
    if (value !== undefined && !(name === 'tls' && scheme === 'smtps')) query.set(name, String(value))
  }
  if (auth?.method !== undefined) query.set('auth.method', auth.method)
  for (const [name, value] of Object.entries(pool ?? {}))
    if (value !== undefined) query.set(`pool.${name}`, String(value))
  if (proxy !== undefined) query.set('proxy', withoutPassword(proxy))
  const bare = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
  const parameters =
    query.size === 0 ? '' : `?${query.toString().replaceAll('%3A', ':').replaceAll('%2F', '/')}`
  return `${scheme}://${user}${bare}${port === undefined ? '' : `:${port}`}${parameters}`
}

function withoutPassword(proxy: string): string {
  if (!URL.canParse(proxy)) return 'PROXY'
  const url = new URL(proxy)
  if (url.password !== '') url.password = 'PASSWORD'
  else if (url.username !== '') url.username = 'USER'
  return url.href.replace(/\/$/, '')
}
