import { getMailerToken } from './mailer-token.ts'

/** The injection token of the outbox of a mailer. */
export function getOutboxToken(name?: string): string {
  const token = getMailerToken(name)
  return typeof token === 'string' ? `Outbox of ${token}` : 'Outbox'
}
