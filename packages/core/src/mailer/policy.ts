import { callSafely } from '../failure/call-safely.ts'
import { scopeOfRecipient, type MailError } from '../failure/mail-error.ts'

/** What `send()` does with a failure after it was counted and observed: throw it, or return it in the receipt. */
export type FailurePolicy = 'loud' | 'silent' | ((error: MailError) => 'loud' | 'silent')

/** Silent about temporary failures. Loud about failures that somebody has to fix, and about messages that may have been delivered. */
export const silenceTransient: FailurePolicy = (error) => {
  const passes =
    error.permanence === 'transient' &&
    error.delivered !== 'unknown' &&
    error.recipients.every((recipient) => (recipient.permanence ?? 'transient') === 'transient')
  return passes ? 'silent' : 'loud'
}

/** Silent about recipients that cannot be reached. Loud about every other failure. */
export const silenceRecipients: FailurePolicy = (error) => {
  const theirs =
    error.scope === 'recipient' &&
    error.delivered !== 'unknown' &&
    error.recipients.every((recipient) => scopeOfRecipient(recipient, error) === 'recipient')
  return theirs ? 'silent' : 'loud'
}

export function isFailurePolicy(value: unknown): value is FailurePolicy {
  return value === 'loud' || value === 'silent' || typeof value === 'function'
}

/** Whether to silence a failure. A function that throws or returns anything else is loud. */
export function isSilenced(policy: FailurePolicy, error: MailError): boolean {
  if (typeof policy !== 'function') return policy === 'silent'
  let answer: unknown
  void callSafely('the failure policy', () => (answer = policy(error)))
  return answer === 'silent'
}
