import { callSafely } from '../failure/call-safely.ts'
import { scopeOfRecipient, type MailError } from '../failure/mail-error.ts'

/** What `send()` does with a failure, after it was counted and observed: throw it, or return it in the receipt. */
export type FailurePolicy = 'loud' | 'silent' | ((error: MailError) => 'loud' | 'silent')

/** Silent about what passes by itself, loud about what a person must mend or what may have gone out. */
export const silenceTransient: FailurePolicy = (error) => {
  const passes =
    error.permanence === 'transient' &&
    error.delivered !== 'unknown' &&
    error.recipients.every((recipient) => (recipient.permanence ?? 'transient') === 'transient')
  return passes ? 'silent' : 'loud'
}

/** Silent about recipients that cannot be reached, loud about everything that is not their fault. */
export const silenceRecipients: FailurePolicy = (error) => {
  const theirs =
    error.scope === 'recipient' &&
    error.delivered !== 'unknown' &&
    error.recipients.every(
      (recipient) => recipient.status === 'accepted' || scopeOfRecipient(recipient, error) === 'recipient',
    )
  return theirs ? 'silent' : 'loud'
}

export function isFailurePolicy(value: unknown): value is FailurePolicy {
  return value === 'loud' || value === 'silent' || typeof value === 'function'
}

/** Whether a failure is to be silenced; a function that throws or answers anything else is loud. */
export function isSilenced(policy: FailurePolicy, error: MailError): boolean {
  if (typeof policy !== 'function') return policy === 'silent'
  let answer: unknown
  void callSafely('the failure policy', () => (answer = policy(error)))
  return answer === 'silent'
}
