import { paddedCredential, type OptionWords, type Situation } from '@loudmail/core/transport'
import type { Settings } from './options.ts'

const OPTIONS: OptionWords = {
  connections: '`pool.connections`',
  token: '`auth.accessToken`',
  plain: "`?tls=none` in the URL, or the option `tls: 'none'`",
  timeout: (stage) => (stage.includes('-') ? `\`timeouts['${stage}']\`` : `\`timeouts.${stage}\``),
}

/** What a hint may take into account: what the caller configured, and later what the server shows. */
export function situationOf({ host, port, tls, auth, name, pool }: Settings): Situation {
  const { user, pass, accessToken } = (auth ?? {}) as Partial<
    Record<'user' | 'pass' | 'accessToken', unknown>
  >
  return {
    host,
    port,
    tls,
    auth: auth && (pass === undefined ? 'token' : 'password'),
    padded: paddedCredential(user, pass, accessToken),
    name,
    connections: pool.connections,
    options: OPTIONS,
    greeting: undefined,
    hello: undefined,
    encrypted: false,
  }
}
