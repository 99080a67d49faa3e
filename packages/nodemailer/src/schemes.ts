import type { Scheme } from '@loudmail/core'
import { checkOptions, configError } from '@loudmail/core/transport'
import { nodemailer } from './nodemailer.ts'
import type { SmtpOptions } from './smtp/smtp-options.ts'

const OPTIONS = ['tls', 'pool', 'name', 'allowInsecureAuth']
const POLICIES = ['implicit', 'starttls', 'opportunistic', 'none']

/**
 * For `transportFromUrl` of core: `smtp://user:password@host:587` and `smtps://` through nodemailer. Query options:
 * `tls` (`implicit`, the default on 465; `starttls`, else the default; `opportunistic`, the default for loopback hosts;
 * `none`), `pool`, `name` (for EHLO), `allowInsecureAuth` (credentials under `opportunistic` TLS to another machine).
 */
export const nodemailerSchemes: { readonly smtp: Scheme; readonly smtps: Scheme } = {
  smtp: (url) => fromUrl(url, false),
  smtps: (url) => fromUrl(url, true),
}

function fromUrl(url: URL, isImplicit: boolean): ReturnType<typeof nodemailer> {
  const query = Object.fromEntries(url.searchParams)
  checkOptions(query, 'an SMTP URL', OPTIONS)
  const host = decoded(url.hostname.replace(/^\[(.*)\]$/, '$1'))
  if (host === '') throw configError('the SMTP URL names no host')
  const port = url.port === '' ? (isImplicit ? 465 : 587) : Number(url.port)
  const isLocal = isLoopback(host)
  const tls =
    query['tls'] ?? (isImplicit || port === 465 ? 'implicit' : isLocal ? 'opportunistic' : 'starttls')
  if (!POLICIES.includes(tls)) throw configError(`tls in an SMTP URL is none of ${POLICIES.join(', ')}`)
  if (isImplicit && tls !== 'implicit')
    throw configError('smtps:// means tls=implicit: use smtp:// for another')
  const hasAuth = url.username !== '' || url.password !== ''
  if (tls === 'opportunistic' && hasAuth && !isLocal && !flag(query, 'allowInsecureAuth')) {
    throw configError(
      'tls=opportunistic could show the password to anybody on the way: use tls=starttls, or add allowInsecureAuth=true',
    )
  }
  return nodemailer({
    host,
    port,
    ...encryption(tls),
    ...(query['name'] !== undefined && { name: query['name'] }),
    ...(hasAuth && { auth: { user: decoded(url.username), pass: decoded(url.password) } }),
    ...(flag(query, 'pool') && { pool: true as const }),
  })
}

function encryption(tls: string): SmtpOptions {
  if (tls === 'implicit') return { secure: true }
  if (tls === 'starttls') return { secure: false, requireTLS: true }
  // It encrypts against listeners only: there is no promise whose certificate it is.
  if (tls === 'opportunistic')
    return { secure: false, opportunisticTLS: true, tls: { rejectUnauthorized: false } }
  return { secure: false, ignoreTLS: true }
}

function isLoopback(host: string): boolean {
  return /^(?:localhost|.+\.localhost|127(?:\.\d{1,3}){3}|::1)$/i.test(host)
}

function flag(query: Record<string, string>, name: string): boolean {
  const value = query[name]
  if (value === undefined || value === 'false') return false
  if (value === '' || value === 'true') return true
  throw configError(`${name} in an SMTP URL is neither true nor false`)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw configError('the host, user or password of the SMTP URL is not percent-encoded as it should be')
  }
}
