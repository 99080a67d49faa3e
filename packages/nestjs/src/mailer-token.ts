import { Mailer } from '@loudmail/core'
import { configError } from '@loudmail/core/transport'

/** What a mailer is injected by: the class itself for the one without a name. */
export function getMailerToken(name?: string): typeof Mailer | string {
  if (name === undefined) return Mailer
  if (typeof name !== 'string' || name === '')
    throw configError('the name of a mailer must be a string, not empty')
  return `Mailer(${name})`
}
