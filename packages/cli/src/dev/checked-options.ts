import { MailError, transportFromUrl, type FailureCode, type Transport } from '@loudmail/core'
import { rehearsable, type DebugTls } from '@loudmail/debug'
import { smtpSchemes } from '@loudmail/smtp'
import { variable } from '../environment/variable.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { urlSecrets } from '../terminal/url-secrets.ts'
import { UsageError } from '../usage-error.ts'
import type { DevOptions } from './dev-options.ts'

/** Where mails are sent on to. */
export interface ForwardTarget {
  readonly transport: Transport
  /** Instead of the recipients of the mail. */
  readonly to: string | undefined
}

/** What the servers need, after everything was checked. */
export interface CheckedOptions {
  readonly smtpPort: number
  readonly httpPort: number
  readonly host: string
  readonly hosts: readonly string[]
  readonly tls: DebugTls
  readonly auth: 'any' | { readonly user: string; readonly pass: string } | undefined
  readonly user: string | undefined
  readonly rehearse: FailureCode | undefined
  readonly forward: ForwardTarget | undefined
}

/** @throws UsageError that says which option to change */
export function checkedOptions(options: DevOptions, terminal: Terminal): CheckedOptions {
  const { smtpPort, httpPort, host, tls } = options
  if (smtpPort === httpPort && smtpPort !== 0)
    throw new UsageError(`--smtp-port and --http-port are both ${smtpPort}: they must differ`)
  if (options.ca !== undefined && tls === 'none')
    throw new UsageError('--ca needs --tls starttls or --tls implicit: without TLS, there is no certificate')
  return {
    smtpPort,
    httpPort,
    host,
    hosts: options.allowHost ?? [],
    tls,
    auth: authOf(options, terminal),
    user: options.user,
    rehearse: rehearsedOf(options.rehearse),
    forward: forwardOf(options, terminal),
  }
}

function authOf({ auth, user, passwordEnv }: DevOptions, terminal: Terminal): CheckedOptions['auth'] {
  if (user === undefined && passwordEnv === undefined) return auth && 'any'
  if (user === undefined || passwordEnv === undefined)
    throw new UsageError('--user and --password-env need each other')
  const pass = variable(passwordEnv, '--password-env')
  terminal.secrets.add(pass)
  return { user, pass }
}

function rehearsedOf(code: string | undefined): FailureCode | undefined {
  if (code === undefined || playable.includes(code)) return code as FailureCode | undefined
  if ((rehearsable as readonly string[]).includes(code))
    throw new UsageError(`--rehearse cannot play ${code}: that happens before a program reaches the server`)
  const ofStage = playable.filter((each) => each.startsWith(`${code.split('/')[0]}/`))
  const stages = [...new Set(playable.map((each) => `${each.split('/')[0]}/…`))]
  const known = ofStage.length > 0 ? ofStage : stages
  throw new UsageError(`--rehearse does not know ${JSON.stringify(code)}; it knows ${known.join(', ')}`)
}

/** What happens after the connection. */
const playable: readonly string[] = rehearsable.filter((code) => !/^(?:dns|connect)\//.test(code))

function forwardOf(options: DevOptions, terminal: Terminal): ForwardTarget | undefined {
  const { forward, forwardEnv, forwardTo } = options
  if (forward !== undefined && forwardEnv !== undefined)
    throw new UsageError('--forward and --forward-env exclude each other')
  const url = forwardEnv === undefined ? forward : variable(forwardEnv, '--forward-env')
  if (url === undefined) {
    if (forwardTo !== undefined) throw new UsageError('--forward-to needs --forward or --forward-env')
    return undefined
  }
  const passwords = [...urlSecrets(url)].filter((secret) => secret !== '')
  for (const secret of passwords) terminal.secrets.add(secret)
  if (forward !== undefined && passwords.length > 0)
    terminal.note(
      'loudmail: everybody on this machine can see the password in --forward. Put the URL into an environment variable, and name that with --forward-env.',
    )
  try {
    return { transport: transportFromUrl(url, smtpSchemes), to: forwardTo }
  } catch (error) {
    if (!MailError.is(error)) throw error
    throw new UsageError(`the URL to forward to is not valid: ${error.summary}`)
  }
}
