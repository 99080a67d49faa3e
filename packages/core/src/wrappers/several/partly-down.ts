import type { MailError } from '../../failure/mail-error.ts'

const MARKED = new WeakSet<MailError>()

/** Marks the failure of a check after which messages can be sent all the same: another one of several transports works. */
export function markPartlyDown(error: MailError): void {
  MARKED.add(error)
}

/** Whether `markPartlyDown` has marked this failure. */
export function isPartlyDown(error: MailError): boolean {
  return MARKED.has(error)
}
