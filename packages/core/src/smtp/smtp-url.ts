import { configError } from '../failure/config-error.ts'
import { PERCENT_ENCODE, parseUrl, schemeSeen } from '../transports/parse-url.ts'
import type { TlsMode } from './tls-mode.ts'

/** The content of an SMTP URL. The transport reads the parameters that are not listed here. */
export interface SmtpAddress {
  /** The protocol, and whether TLS comes first. */
  readonly scheme: 'smtp' | 'smtps' | 'lmtp'
  /** A name or an IP address, without brackets. */
  readonly host: string
  /** Undefined if the URL has none. */
  readonly port: number | undefined
  /** As in the URL; `implicit` for smtps. */
  readonly tls: TlsMode | undefined
  /** User and password, decoded. */
  readonly auth: { readonly user: string; readonly pass: string } | undefined
  /** From the query parameter of that name. */
  readonly allowInsecureAuth: boolean | undefined
  /** The other query parameters, by name. */
  readonly parameters: Readonly<Record<string, string>>
}

/**
 * Reads `smtp://user:password@mail.example.com:587?tls=starttls`, `smtps://` and `lmtp://`. User and password are
 * percent-encoded.
 *
 * @throws MailError `config/invalid-config` that does not repeat the URL
 */
export function readSmtpUrl(text: string | URL): SmtpAddress {
  const url = typeof text === 'string' ? parseUrl(text, 'the SMTP URL') : text
  const scheme = url.protocol.slice(0, -1)
  if (scheme !== 'smtp' && scheme !== 'smtps' && scheme !== 'lmtp')
    throw configError(`${schemeSeen(url, 'the SMTP URL')}: expected smtp://, smtps:// or lmtp://`)
  if (url.hostname === '') throw configError('the SMTP URL has no host: expected smtp://mail.example.com:587')
  refuseCutPassword(url)
  if ((url.pathname !== '' && url.pathname !== '/') || url.hash !== '')
    throw configError('the SMTP URL has a path or a fragment: remove it')
  const { tls, allowInsecureAuth, ...parameters } = Object.fromEntries(url.searchParams)
  if (scheme === 'smtps' && tls !== undefined && tls !== 'implicit')
    throw configError('an smtps:// URL always has implicit TLS: use smtp:// for another value of tls')
  return {
    scheme,
    host: hostIn(url),
    port: url.port === '' ? undefined : Number(url.port),
    tls: scheme === 'smtps' ? 'implicit' : (tls as TlsMode | undefined),
    auth: authOf(url),
    allowInsecureAuth: flagOf(allowInsecureAuth, 'allowInsecureAuth'),
    parameters,
  }
}

/** An IPv6 address without its brackets. */
export function bareHost(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host
}

/** A host name in ASCII, as DNS and TLS need it (RFC 5891): `bücher.example` is `xn--bcher-kva.example`. */
export function asciiHost(host: string): string | undefined {
  if (/[\s/@?#%\\]/.test(host) && !host.includes(':')) return undefined
  if (/^[\x21-\x7E]+$/.test(host)) return host
  return process.getBuiltinModule('node:url').domainToASCII(host) || undefined
}

/** @throws MailError `config/invalid-config` if the value of the parameter is not true or false */
export function flagOf(value: string | undefined, name: string): boolean | undefined {
  if (value === undefined || value === 'true') return value && true
  if (value === 'false') return false
  throw configError(`the SMTP URL's parameter ${name} must be true or false`)
}

function authOf(url: URL): SmtpAddress['auth'] {
  if (url.username === '' && url.password === '') return undefined
  try {
    return { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) }
  } catch {
    // The URIError is dropped: it may show the secret.
    throw configError(`user and password in the SMTP URL ${PERCENT_ENCODE}`)
  }
}

/** A `/`, `?` or `#` in a password ends the part of a URL that may hold one: its `@` then comes too late. */
function refuseCutPassword({ pathname, hash, searchParams }: URL): void {
  const inQuery = [...searchParams].some(
    ([name, value]) => name.includes('@') || (name !== 'proxy' && value.includes('@')),
  )
  if (inQuery || pathname.includes('@') || hash.includes('@'))
    throw configError(`user and password in the SMTP URL ${PERCENT_ENCODE}`)
}

function hostIn({ hostname }: URL): string {
  try {
    // For a scheme that is not of the web, a URL keeps a name beyond ASCII percent-encoded.
    const host = asciiHost(bareHost(decodeURIComponent(hostname)))
    if (host !== undefined) return host
  } catch {
    // It is not percent-encoded UTF-8.
  }
  throw configError('the host in the SMTP URL is not a host name')
}
