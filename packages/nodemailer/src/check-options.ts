import { MailError } from '@loudmail/core'
import { checkNumber, configError } from '@loudmail/core/transport'
import type { Transporter } from 'nodemailer'
import type { SmtpOptions } from './smtp/smtp-options.ts'

const TIMES = ['connectionTimeout', 'greetingTimeout', 'socketTimeout', 'dnsTimeout'] as const
const COUNTS = ['maxConnections', 'maxMessages'] as const
/** Options that protect a connection. nodemailer silently ignores a wrong spelling such as `requireTls`. */
const PROTECTING = ['secure', 'requireTLS', 'ignoreTLS', 'opportunisticTLS', 'tls', 'auth']

/**
 * Finds mistakes that would fail only with the first message, or silently mean something else.
 *
 * @throws MailError `config/invalid-config` or `config/missing-credentials`, which names the option but not its value
 */
export function checkSmtpOptions(options: SmtpOptions, transporter: Transporter): void {
  for (const name of Object.keys(options)) {
    const meant = PROTECTING.find((known) => known.toLowerCase() === name.toLowerCase())
    if (meant !== undefined && meant !== name)
      throw configError(`nodemailer has no option ${name}: write ${meant}`)
  }
  const { host, port, service } = options as { host?: unknown; port?: unknown; service?: unknown }
  if ('host' in options && (typeof host !== 'string' || host.trim() === '' || /[\s/@]/.test(host)))
    throw configError('host must be a host name or an IP address')
  if (service !== undefined && host === undefined)
    throw configError('service must be one that nodemailer knows')
  if ((options as { direct?: unknown }).direct)
    throw configError('nodemailer has no direct transport any more: set the host of a server')
  if (port !== undefined) checkPort(port)
  for (const name of TIMES) checkNumber(numberOf(options[name]), name, 0)
  for (const name of COUNTS) checkNumber(numberOf(options[name]), name, 1)
  checkAuth(options, transporter)
}

function checkPort(port: unknown): void {
  const number = typeof port === 'string' ? Number(port) : port
  if (typeof number !== 'number' || !Number.isInteger(number) || number < 1 || number > 65_535)
    throw configError('port must be a whole number from 1 to 65535')
}

/** nodemailer accepts numbers as strings from URLs, and treats 0 and empty values as the default. */
function numberOf(value: unknown): unknown {
  return value === null || value === '' || value === 0 || value === false ? undefined : value
}

function checkAuth(options: SmtpOptions, transporter: Transporter): void {
  const { auth, customAuth } = options
  if (auth === undefined || auth === null) return
  if (typeof auth !== 'object') throw configError('auth must be an object with user and pass')
  if (Object.keys(auth).length === 0) return
  const { type, user, pass, accessToken } = auth as Record<string, unknown>
  for (const [name, value] of Object.entries({ user, pass, accessToken }))
    if (typeof value === 'string' && /[\r\n]/.test(value))
      throw configError(
        `auth.${name} contains a line break: if it comes from a file or a variable, remove the line end`,
      )
  if (typeof type === 'string' && type.toUpperCase() === 'OAUTH2') {
    const { refreshToken, privateKey, provisionCallback } = auth as Record<string, unknown>
    const provision: unknown = provisionCallback ?? transporter.get('oauth2_provision_cb')
    if (!isText(user)) throw missing('auth.user')
    if (!isText(accessToken) && !isText(refreshToken) && !privateKey && typeof provision !== 'function')
      throw missing('auth.accessToken (or auth.refreshToken)')
    return
  }
  if (customAuth && Object.keys(customAuth).length > 0) return
  if (!isText(user)) throw missing('auth.user')
  if (!isText(pass)) throw missing('auth.pass')
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

function missing(option: string): MailError {
  return new MailError({
    stage: 'config',
    kind: 'missing-credentials',
    summary: `${option} is missing or empty`,
  })
}
