import { MailError } from '@loudmail/core'

/** A configuration mistake that the doctor found itself. The texts must not show a value. */
export function configFailure(summary: string, hint: string): MailError {
  return new MailError({ stage: 'config', kind: 'invalid-config', summary, hint })
}
