import { configError } from '../failure/config-error.ts'
import type { TlsMode } from './tls-mode.ts'

/** The content of an SMTP URL. The transport reads the parameters that are not listed here. */
export interface SmtpAddress {
  readonly scheme: 'smtp' | 'smtps' | 'lmtp'
  readonly host: string
  readonly port: number | undefined
  /** As in the URL; `implicit` for smtps. */
  readonly tls: TlsMode | undefined
  readonly auth: { readonly user: string; readonly pass: string } | undefined
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
  const url = typeof text !== 'string' ? text : URL.canParse(text) ? new URL(text) : undefined
  const scheme = url?.protocol.slice(0, -1)
  if (url?.hostname === '')
    throw configError('the SMTP URL has no host: expected smtp://mail.example.com:587')
  if (!url || (scheme !== 'smtp' && scheme !== 'smtps' && scheme !== 'lmtp')) {
    throw configError(
      'the SMTP URL cannot be read: expected smtp://mail.example.com:587, with user and password before an @ percent-encoded (encodeURIComponent) and a port of at most 65535',
    )
  }
  if ((url.pathname !== '' && url.pathname !== '/') || url.hash !== '')
    throw configError('the SMTP URL has a path or a fragment: remove it')
  const { tls, allowInsecureAuth, ...parameters } = Object.fromEntries(url.searchParams)
  if (scheme === 'smtps' && tls !== undefined && tls !== 'implicit')
    throw configError('an smtps:// URL always has implicit TLS: use smtp:// for another value of tls')
  return {
    scheme,
    host: bareHost(url.hostname),
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
    throw configError('user and password in the SMTP URL must be percent-encoded (encodeURIComponent)')
  }
}
