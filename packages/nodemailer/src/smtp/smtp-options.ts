import { isIP, type Socket } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import { asciiHost } from '@loudmail/core/transport'
import type { SMTPPoolOptions } from 'nodemailer/lib/smtp-pool'

/** The options of nodemailer's SMTP transports, pooled or not, as the transporter holds them. */
export type SmtpOptions = SMTPPoolOptions & { connectStartedAt?: number | undefined }

/** Whether and how a connection is encrypted: from the first octet, or with STARTTLS. */
type TlsPolicy = 'implicit' | 'required' | 'offered' | 'opportunistic' | 'none'

/** The settings for opening a connection, with nodemailer's defaults. */
export interface ConnectionPlan {
  readonly host: string
  readonly port: number
  readonly localAddress: string | undefined
  readonly policy: TlsPolicy
  readonly tls: ConnectionOptions
  readonly connectionTimeoutMs: number
  readonly dnsTimeoutMs: number
  readonly handshakeTimeoutMs: number
  /** A socket that is not yet connected. */
  readonly socket: Socket | undefined
  /** The SASL mechanisms that can be used; undefined without credentials. */
  readonly mechanisms: readonly string[] | undefined
  readonly protocol: 'smtp' | 'lmtp'
}

export function hostAndPort(options: SmtpOptions): { host: string; port: number; isSecure: boolean } {
  const isSecure = options.secure ?? Number(options.port) === 465
  return { host: options.host || 'localhost', port: Number(options.port) || (isSecure ? 465 : 587), isSecure }
}

export function connectionPlan(options: SmtpOptions): ConnectionPlan {
  const { host: given, port, isSecure } = hostAndPort(options)
  const host = asciiHost(given) ?? given
  // A name in TLS has no dot at its end (RFC 6066 section 3).
  const servername = options.servername || (isIP(host) ? undefined : host.replace(/\.$/, ''))
  return {
    host,
    port,
    localAddress: options.localAddress,
    policy: isSecure ? 'implicit' : policyOf(options),
    tls: { host, ...(servername !== undefined && { servername }), ...options.tls },
    connectionTimeoutMs: options.connectionTimeout || 120_000,
    dnsTimeoutMs: options.dnsTimeout || 30_000,
    handshakeTimeoutMs: options.greetingTimeout || 30_000,
    socket: options.socket,
    mechanisms: hasCredentials(options) ? mechanismsOf(options) : undefined,
    protocol: options.lmtp ? 'lmtp' : 'smtp',
  }
}

function policyOf(options: SmtpOptions): TlsPolicy {
  if (options.requireTLS) return 'required'
  if (options.ignoreTLS) return 'none'
  return options.opportunisticTLS ? 'opportunistic' : 'offered'
}

function hasCredentials({ auth }: SmtpOptions): boolean {
  return typeof auth === 'object' && auth !== null && Object.keys(auth).length > 0
}

function mechanismsOf({ auth, authMethod, customAuth }: SmtpOptions): readonly string[] {
  const named = (auth?.method ?? authMethod ?? '').trim().toUpperCase()
  const own = Object.keys(customAuth ?? {}).map((name) => name.trim().toUpperCase())
  const isOAuth = (auth?.type ?? '').toUpperCase() === 'OAUTH2'
  if (isOAuth) return ['XOAUTH2']
  // A mechanism that the options name is tried whatever the server offers, as in nodemailer.
  if (named && named !== 'XOAUTH2') return [named, '*']
  return ['PLAIN', 'LOGIN', 'CRAM-MD5', ...own]
}
