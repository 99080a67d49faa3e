import { configError } from '@loudmail/core/transport'

/**
 * Whose mailbox sends, as a part of a path. Undefined for that of the access token.
 *
 * @param owner how errors call the transport, such as `gmail()`
 * @throws MailError `config/invalid-config`
 */
export function userOf(owner: string, user: unknown): string | undefined {
  if (user === undefined) return undefined
  // oxlint-disable-next-line no-control-regex
  if (typeof user !== 'string' || user === '' || /[\s\x00-\x1F\x7F]/.test(user))
    throw configError(`${owner} user must be the address of the mailbox that sends, or its id`)
  return user === 'me' ? undefined : encodeURIComponent(user).replaceAll('%40', '@')
}
