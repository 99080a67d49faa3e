import { MailError } from '@loudmail/core'

/** The octets of a message in the store are not those that were written. No later attempt can read them. */
export function damaged(summary: string, cause?: unknown): MailError {
  return new MailError({
    stage: 'submit',
    kind: 'storage',
    scope: 'message',
    permanence: 'permanent',
    summary: `the message in the store cannot be read: ${summary}`,
    hint: 'Its octets were changed, or another program wrote them. Restore the store from a backup, or discard the entry.',
    cause,
  })
}

/** A message in the store waits for something that this process does not have, such as a key. */
export function notReadableHere(summary: string, hint: string): MailError {
  return new MailError({
    stage: 'submit',
    kind: 'storage',
    scope: 'transport',
    permanence: 'transient',
    summary: `the message in the store cannot be read: ${summary}`,
    hint,
  })
}
