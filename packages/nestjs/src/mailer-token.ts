import { Mailer } from '@loudmail/core'
import { configError } from '@loudmail/core/transport'

/** The injection token of a mailer. For the one without a name, it is the class itself. */
export function getMailerToken(name?: string): typeof Mailer | string {
  if (name === undefined) return Mailer
  if (typeof name !== 'string' || name === '')
    throw configError('the name of a mailer must be a string that is not empty')
  return `Mailer(${name})`
}
