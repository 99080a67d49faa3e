import { paddedCredential, type OptionWords, type Situation, type TlsMode } from '@loudmail/core/transport'
import type { ConnectionPlan, SmtpOptions } from './smtp-options.ts'

const MODES: Readonly<Record<ConnectionPlan['policy'], TlsMode>> = {
  implicit: 'implicit',
  required: 'starttls',
  offered: 'opportunistic',
  opportunistic: 'opportunistic',
  none: 'none',
}

const TIMEOUTS: Readonly<Record<string, string>> = {
  dns: '`dnsTimeout`',
  connect: '`connectionTimeout`',
  tls: '`connectionTimeout`',
  greeting: '`greetingTimeout`',
}

function optionsOf(isPooled: boolean): OptionWords {
  return {
    connections: isPooled ? '`maxConnections`' : '`pool: true` and `maxConnections`',
    token: "`auth` to `{ type: 'OAuth2', user, accessToken }`",
    plain: '`ignoreTLS: true`',
    timeout: (stage) => TIMEOUTS[stage] ?? '`socketTimeout`',
  }
}

/** What a hint may take into account: what the caller configured. */
export function situationOf(
  options: SmtpOptions,
  { host, port, policy, mechanisms }: ConnectionPlan,
): Situation {
  const { user, pass, type, accessToken } = (options.auth ?? {}) as Record<string, unknown>
  const isToken = typeof type === 'string' && type.toUpperCase() === 'OAUTH2'
  const isPooled = Boolean((options as { pool?: unknown }).pool)
  return {
    host,
    port,
    tls: MODES[policy],
    auth: mechanisms && (isToken ? 'token' : 'password'),
    padded:
      mechanisms &&
      (isToken ? paddedCredential(user, undefined, accessToken) : paddedCredential(user, pass, undefined)),
    name: options.name,
    connections: isPooled ? Number(options.maxConnections) || 5 : undefined,
    options: optionsOf(isPooled),
    encrypted: false,
  }
}
