import { configError } from '../failure/config-error.ts'
import { isLoopback } from '../smtp/loopback.ts'
import { bareHost } from '../smtp/smtp-url.ts'

/**
 * A URL that secrets go to, so it must be encrypted. Only a server on this machine, for tests, may do without.
 *
 * @param owner how errors call whom it is for, such as `google()`
 * @throws MailError `config/invalid-config`
 */
export function secureUrl(owner: string, name: string, value: unknown): URL {
  const text = value instanceof URL ? value.href : value
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined
  const isSecure =
    url && (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(bareHost(url.hostname))))
  if (!isSecure) throw configError(`${owner} ${name} must be a URL that begins with https://`)
  if (url.username !== '' || url.password !== '')
    throw configError(`${owner} ${name} must not contain a user or a password`)
  return url
}
