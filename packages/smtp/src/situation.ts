import { paddedCredential, SMTP_OPTION_WORDS, type Situation } from '@loudmail/core/transport'
import type { Settings } from './options.ts'

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
    options: SMTP_OPTION_WORDS,
    greeting: undefined,
    hello: undefined,
    encrypted: false,
  }
}
