import type { Scheme } from '@loudmail/core'
import {
  checkOptions,
  flagOf,
  isLoopback,
  protectCredentials,
  readSmtpUrl,
  tlsModeOf,
  type TlsMode,
} from '@loudmail/core/transport'
import { nodemailer } from './nodemailer.ts'
import type { SmtpOptions } from './smtp/smtp-options.ts'

/**
 * For `transportFromUrl` of core: `smtp://user:password@host:587` and `smtps://` through nodemailer. Query options:
 * `tls` (`implicit`, the default on 465; `opportunistic`, the default for loopback hosts; `starttls`, the default for all
 * others; `none`), `pool`, `name` (for EHLO), `allowInsecureAuth` (credentials over a connection that is not both
 * encrypted and verified).
 */
export const nodemailerSchemes: { readonly smtp: Scheme; readonly smtps: Scheme } = {
  smtp: fromUrl,
  smtps: fromUrl,
}

function fromUrl(url: URL): ReturnType<typeof nodemailer> {
  const { host, port, tls, auth, allowInsecureAuth, parameters } = readSmtpUrl(url)
  const query: { pool?: string; name?: string } = parameters
  checkOptions(query, 'an SMTP URL', { pool: true, name: true })
  const isOwn = isLoopback(host)
  const mode = tlsModeOf(tls, port, isOwn)
  if (auth) protectCredentials(mode, isOwn, allowInsecureAuth)
  const { pool, name } = query
  return nodemailer({
    host,
    port: port ?? (mode === 'implicit' ? 465 : 587),
    ...encryption(mode),
    ...(name !== undefined && { name }),
    ...(auth && { auth }),
    ...(flagOf(pool, 'pool') && { pool: true as const }),
  })
}

function encryption(mode: TlsMode): SmtpOptions {
  if (mode === 'implicit') return { secure: true }
  if (mode === 'starttls') return { secure: false, requireTLS: true }
  // This protects only against eavesdropping: the certificate is not verified.
  if (mode === 'opportunistic')
    return { secure: false, opportunisticTLS: true, tls: { rejectUnauthorized: false } }
  return { secure: false, ignoreTLS: true }
}
