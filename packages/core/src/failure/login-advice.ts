import { providerOf, type Provider } from './providers.ts'
import { offeredMechanisms, type FailureFacts, type Situation } from './situation.ts'
import type { Kind } from './vocabulary.ts'

const TOKEN_MECHANISMS = ['XOAUTH2', 'OAUTHBEARER']
/** How servers refuse credentials. */
const CREDENTIALS: readonly Kind[] = ['bad-credentials', 'oauth-token', 'policy', 'rejected']
const REFUSED: readonly Kind[] = ['bad-credentials', 'auth-mechanism', 'policy', 'rejected', 'auth-required']

/** Logging in, and what the server does not allow without a log-in. */
export function loginAdvice(facts: FailureFacts, situation: Situation | undefined): string | undefined {
  if (!situation) return undefined
  const { stage, kind, permanence, reply } = facts
  const provider = providerOf(situation, reply?.text)
  if (
    situation.auth === 'password' &&
    REFUSED.includes(kind) &&
    (stage === 'auth' || stage === 'mail-from')
  ) {
    if (/SmtpClientAuthentication is disabled/i.test(reply?.text ?? '')) return SMTP_AUTH_IS_OFF
    if (takesOnlyTokens(facts, situation)) return onlyTokens(situation, provider)
  }
  // Then the server did not say that they are wrong.
  if (kind === 'bad-credentials' && permanence === 'transient') return undefined
  if (situation.padded && reply && stage === 'auth' && CREDENTIALS.includes(kind))
    return padded(situation.padded)
  switch (kind) {
    case 'bad-credentials':
      return situation.auth === 'token' ? refusedToken(provider) : filled(provider?.password, situation)
    case 'oauth-token':
      return reply && provider?.refusedToken
    case 'app-password-required':
    case 'web-login-required':
      return situation.auth === 'password'
        ? filled(provider?.token ?? provider?.password, situation)
        : undefined
    case 'auth-mechanism':
      return mechanism(situation)
    case 'auth-not-offered':
      return notOffered(situation)
    case 'auth-required':
      return situation.auth && (stage === 'auth' || stage === 'ehlo' ? NO_LOG_IN : LOST_LOG_IN)
    case 'relay-denied':
      return relayDenied(situation)
    default:
      return undefined
  }
}

const SMTP_AUTH_IS_OFF =
  'SMTP AUTH is switched off for this tenant or mailbox, for tokens too. Have an administrator switch it on in the Microsoft 365 admin center under Mail, Manage email apps, Authenticated SMTP.'

const LOST_LOG_IN =
  '`auth` is set and the server took the log-in, but now it asks for one. Check that the account may send mail, that the user name is complete, and that the port is one for logging in (587 or 465).'

const NO_LOG_IN =
  '`auth` is set, but the server asks for a log-in before this one could succeed. Check the user name and the password, and that the port is one for logging in (587 or 465).'

function takesOnlyTokens({ reply }: FailureFacts, situation: Situation): boolean {
  const mechanisms = offeredMechanisms(situation)
  if (mechanisms.length > 0 && mechanisms.every((name) => TOKEN_MECHANISMS.includes(name))) return true
  if (!reply) return false
  return (
    reply.enhanced === '5.7.139' || /basic auth\w* is (?:disabled|not supported|blocked)/i.test(reply.text)
  )
}

function onlyTokens(situation: Situation, provider: Provider | undefined): string {
  const how = filled(provider?.token, situation)
  return how === undefined
    ? `The server takes no passwords, only access tokens. Set ${situation.options.token}; \`@loudmail/oauth2\` fetches tokens (see docs/oauth2.md).`
    : `The server does not take the password. ${how}`
}

function refusedToken(provider: Provider | undefined): string {
  return (
    provider?.refusedToken ??
    'The server does not accept the access token. Check that it has not expired, has the scope for sending mail and belongs to the user in `auth.user`.'
  )
}

function padded(what: NonNullable<Situation['padded']>): string {
  return `The ${what} begins or ends with white space, as text that was copied or read from a file often does: remove it. If it belongs there, check the user name and the rest.`
}

function filled(text: string | undefined, { options }: Situation): string | undefined {
  return text?.replaceAll('{token}', options.token)
}

function mechanism(situation: Situation): string | undefined {
  const mechanisms = offeredMechanisms(situation)
  const isToken = mechanisms.some((name) => TOKEN_MECHANISMS.includes(name))
  if (situation.auth === 'token' && mechanisms.length > 0 && !isToken)
    return 'The server takes passwords, but no access tokens. Set `auth.pass` instead, or check that the host is the one for access tokens.'
  return undefined
}

function notOffered({ encrypted, port, tls }: Situation): string {
  const without = 'If the server needs no log-in, leave out `auth`.'
  if (!encrypted)
    return `Many servers offer AUTH only once the connection is encrypted, and this one is not${tls === 'none' ? ' (`tls` is `none`)' : ''}: use STARTTLS on port 587, or TLS from the start on port 465. ${without}`
  return port === 25
    ? `Port 25 is for mail between servers, and many offer no log-in there: use port 587 or 465. ${without}`
    : `The server offers no log-in on port ${port}: check the host, and try port 587 or 465. ${without}`
}

function relayDenied({ auth, port }: Situation): string | undefined {
  if (!auth) return undefined
  const where = port === 25 ? ' Use port 587 or 465: port 25 is for mail between servers.' : ''
  return `The log-in succeeded, but this account may not send to other domains through this server. Check that it is the server for sending of this account, and have its operator allow the account to relay.${where}`
}
