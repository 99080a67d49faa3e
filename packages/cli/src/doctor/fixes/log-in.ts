import type { SmtpOptions } from '@loudmail/smtp'
import type { Family } from './candidate.ts'

/** Without a log-in, where the server offers none. */
export const withoutLogIn: Family = ({ options, failure: { kind } }) => {
  const { auth, ...others } = options
  if (kind !== 'auth-not-offered' || !auth) return []
  return [
    {
      change: 'The server needs no log-in for this: leave out `auth` (user and password).',
      options: others,
      needsRecipient: true,
    },
  ]
}

/** A log-in, where the server asks for one. */
export const setLogIn: Family = ({ options, failure: { kind } }) => {
  if (options.auth || (kind !== 'auth-required' && kind !== 'relay-denied')) return []
  return [
    {
      change:
        'Set a user name and a password: this server sends only after a log-in. The provider or the operator of the server has them for you.',
      options: { ...options, auth: { user: 'USER', pass: 'PASSWORD' } } satisfies SmtpOptions,
      isUntried: true,
    },
  ]
}
