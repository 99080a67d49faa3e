import { MailError, type Delivery, type RecipientOutcome } from '@loudmail/core'
import { scopeOfRecipient } from '@loudmail/core/transport'
import type { Progress } from './progress.ts'
import type { EntryChange } from '../store/store.ts'

/** How long to wait before another attempt. */
export interface Backoff {
  /** Before the second attempt, in ms. It doubles for each further attempt. */
  readonly delayMs: number
  /** What the wait does not grow beyond, in ms. */
  readonly maxDelayMs: number
}

/** What comes after an attempt. */
export interface NextStep {
  /** For the store. */
  readonly change: EntryChange & { readonly attempts: number }
  readonly progress: Progress
}

/**
 * What follows from an attempt: another one for those who were refused for now, a person who decides about those in doubt,
 * or the end.
 *
 * @param attempts how many attempts have ended, with this one
 */
export function nextStep(
  before: Progress,
  asked: readonly string[],
  result: Delivery | MailError,
  attempts: number,
  backoff: Backoff,
  now = Date.now(),
): Omit<NextStep, 'change'> & {
  readonly change: Omit<EntryChange, 'progress'> & { readonly attempts: number }
} {
  const progress = withResult(before, asked, result)
  const open = openRecipients(progress)
  if (open.length > 0 && MailError.is(result)) {
    const dueAt = now + pauseBefore(result, open, attempts, backoff)
    if (dueAt <= before.giveUpAt) return { progress, change: { state: 'waiting', dueAt, attempts } }
  }
  return { progress, change: { ...settledState(progress), attempts } }
}

/** The state of an entry that nobody tries again by itself. */
export function settledState({ recipients }: Progress): Pick<EntryChange, 'state' | 'dropsMessage'> {
  if (recipients.some(({ status }) => status === 'unknown')) return { state: 'in-doubt' }
  const isSent = recipients.every(({ status }) => status === 'accepted')
  return isSent ? { state: 'sent', dropsMessage: true } : { state: 'dead' }
}

/** Those who are still to get the message, without the risk of a second copy: in the order of the envelope. */
export function openRecipients({ to, recipients }: Progress): readonly string[] {
  const known = new Map(recipients.map((recipient) => [recipient.address, recipient]))
  return to.filter((address) => {
    const outcome = known.get(address)
    if (!outcome) return true
    if (outcome.status !== 'rejected' && outcome.status !== 'not-attempted') return false
    // Whoever repairs the transport wants the mail that waits for it to go out.
    return outcome.permanence === 'transient' || outcome.scope === 'transport'
  })
}

/** What is known with the result of an attempt for some of the recipients. */
function withResult(before: Progress, asked: readonly string[], result: Delivery | MailError): Progress {
  const outcomes = new Map(before.recipients.map((recipient) => [recipient.address, recipient]))
  for (const outcome of outcomesOf(asked, result)) outcomes.set(outcome.address, outcome)
  const recipients = before.to.flatMap((address) => outcomes.get(address) ?? [])
  if (MailError.is(result)) return { ...before, recipients, failures: [...before.failures, result] }
  return { ...before, recipients, response: result.response }
}

function outcomesOf(asked: readonly string[], result: Delivery | MailError): readonly RecipientOutcome[] {
  if (!MailError.is(result)) return asked.map((address) => ({ address, status: 'accepted' }))
  const { permanence, kind } = result
  return result.recipients.map((recipient) =>
    recipient.status === 'accepted'
      ? recipient
      : {
          ...recipient,
          permanence: recipient.permanence ?? permanence,
          kind: recipient.kind ?? kind,
          scope: scopeOfRecipient(recipient, result),
        },
  )
}

function pauseBefore(
  error: MailError,
  open: readonly string[],
  attempts: number,
  { delayMs, maxDelayMs }: Backoff,
): number {
  const waits = error.recipients.filter(({ address }) => open.includes(address))
  const asked = Math.max(0, ...waits.map(({ retryAfterMs = 0 }) => retryAfterMs))
  const isPermanent = waits.every(({ permanence = error.permanence }) => permanence === 'permanent')
  const longest = isPermanent ? maxDelayMs : Math.min(delayMs * 2 ** (attempts - 1), maxDelayMs)
  const chance = Math.random()
  return Math.max(longest * (0.5 + chance / 2), asked * (1 + chance * 0.1))
}
