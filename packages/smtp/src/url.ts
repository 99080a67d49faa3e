import { MailError, type Schemes } from '@loudmail/core'
import { configError } from '@loudmail/core/transport'
import type { SmtpAuth, SmtpOptions } from './options.ts'
import { smtp } from './smtp.ts'

const NUMBERS = new Set([
  'timeoutMs',
  'pool.connections',
  'pool.messagesPerConnection',
  'pool.idleMs',
  'pool.window',
])
const FLAGS = new Set(['allowInsecureAuth'])
const TEXTS = new Set(['tls', 'name', 'partial', 'proxy', 'localAddress', 'auth.method'])

/**
 * Reads `smtp://`, `smtps://` and `lmtp://` URLs; options are query parameters by their names, `?tls=none&pool.window=16`.
 *
 * @throws MailError `config/invalid-config` that does not repeat the URL
 */
export function optionsFromUrl(text: string | URL): SmtpOptions {
  const url = typeof text !== 'string' ? text : URL.canParse(text) ? new URL(text) : undefined
  if (!url || !['smtp:', 'smtps:', 'lmtp:'].includes(url.protocol) || url.hostname === '') {
    throw configError(
      'the SMTP URL cannot be read: it looks like smtp://mail.example.com:587; user and password before an @ are percent-encoded (encodeURIComponent), the port is at most 65535',
    )
  }
  if ((url.pathname !== '' && url.pathname !== '/') || url.hash !== '')
    throw configError('the SMTP URL has a path or a fragment, which mean nothing here')
  const options: Record<string, unknown> = {
    host: url.hostname,
    ...(url.port !== '' && { port: Number(url.port) }),
    ...(url.protocol === 'smtps:' && { tls: 'implicit' }),
    ...(url.protocol === 'lmtp:' && { lmtp: true }),
  }
  const auth = authOf(url)
  if (auth) options.auth = auth
  for (const [name, value] of url.searchParams) {
    if (name === 'tls' && url.protocol === 'smtps:' && value !== 'implicit')
      throw configError('an smtps:// URL has implicit TLS: use smtp:// for another tls')
    setOption(options, name, valueOf(name, value))
  }
  return options as unknown as SmtpOptions
}

function setOption(options: Record<string, unknown>, name: string, value: unknown): void {
  const [group, option] = name.split('.')
  if (option === undefined) options[name] = value
  else options[group!] = { ...(options[group!] as object), [option]: value }
}

function valueOf(name: string, value: string): unknown {
  if (TEXTS.has(name)) return value
  if (NUMBERS.has(name)) {
    if (value.trim() !== '' && !Number.isNaN(Number(value))) return Number(value)
    throw configError(`the SMTP URL's parameter ${name} is not a number`)
  }
  if (FLAGS.has(name) && (value === 'true' || value === 'false')) return value === 'true'
  if (FLAGS.has(name)) throw configError(`the SMTP URL's parameter ${name} is neither true nor false`)
  const known = [...TEXTS, ...NUMBERS, ...FLAGS].join(', ')
  throw configError(`the SMTP URL has a parameter that does not exist; there are ${known}`)
}

function authOf(url: URL): SmtpAuth | undefined {
  if (url.username === '' && url.password === '') return undefined
  try {
    return { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) }
  } catch {
    // The URIError is not kept: it comes from the secret.
    throw new MailError({
      stage: 'config',
      kind: 'invalid-config',
      summary: 'user and password in the SMTP URL must be percent-encoded (encodeURIComponent)',
    })
  }
}

const scheme: Schemes[string] = (url) => smtp(optionsFromUrl(url))

/** Schemes for `transportFromUrl`: `smtp:`, `smtps:` and `lmtp:`. */
export const smtpSchemes: Schemes = { smtp: scheme, smtps: scheme, lmtp: scheme }
