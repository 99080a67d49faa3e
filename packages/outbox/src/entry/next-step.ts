import { MailError, type Delivery, type RecipientOutcome } from '@loudmail/core'
import { isTransportDown, scopeOfRecipient } from '@loudmail/core/transport'
import type { Progress } from './progress.ts'
import type { EntryChange } from '../store/store.ts'

/** How long to wait before another attempt. */
export interface Backoff {
  /** Before the second attempt, in ms. It doubles for each further attempt. */
  readonly delayMs: number
  /** What the wait does not grow beyond, in ms. */
  readonly maxDelayMs: number
}

/** What follows from an attempt. */
export interface NextStep {
  /** What is known now. */
  readonly progress: Progress
  /** What becomes of the entry. */
  readonly change: Omit<EntryChange, 'progress' | 'attempts'>
}

/**
 * What follows from an attempt: another one for those who can still get the message without a second copy, a person who
 * decides about those in doubt, or the end.
 *
 * @param asked the recipients of the attempt
 * @param attempts how many attempts have ended, with this one
 */
export function nextStep(
  before: Progress,
  asked: readonly string[],
  result: Delivery | MailError,
  attempts: number,
  backoff: Backoff,
  now = Date.now(),
): NextStep {
  const progress = withResult(before, asked, result)
  if (!MailError.is(result) || progress.open.length === 0) return settled(progress)
  const dueAt = Math.ceil(now + pauseBefore(progress, result, attempts, backoff))
  if (dueAt > before.giveUpAt) return settled(progress)
  return { progress, change: { state: 'waiting', dueAt } }
}

/** What becomes of an entry that nobody tries again by itself. */
export function settled(before: Progress): NextStep {
  const progress = { ...before, open: [] }
  const { recipients } = progress
  if (recipients.some(({ status }) => status === 'unknown'))
    return { progress, change: { state: 'in-doubt' } }
  const isSent =
    recipients.length === before.to.length && recipients.every(({ status }) => status === 'accepted')
  return { progress, change: isSent ? { state: 'sent', dropsMessage: true } : { state: 'dead' } }
}

/** What is known with the result of an attempt for some of the recipients. */
function withResult(before: Progress, asked: readonly string[], result: Delivery | MailError): Progress {
  const told = MailError.is(result) ? outcomesOf(asked, result) : asked.map(accepted)
  const outcomes = new Map([...before.recipients, ...told].map((outcome) => [outcome.address, outcome]))
  const recipients = before.to.flatMap((address) => outcomes.get(address) ?? [])
  const tried = new Set(asked)
  const untried = before.open.filter((address) => !tried.has(address))
  if (!MailError.is(result)) return { ...before, recipients, open: untried, response: result.response }
  // Whoever repairs the server, or the configuration, wants the mail that waits for it to go out.
  const isDown = isTransportDown(result)
  const again = told.filter(({ status, permanence, scope }) => {
    const isRefused = status === 'rejected' || status === 'not-attempted'
    return isRefused && (permanence === 'transient' || (isDown && scope === 'transport'))
  })
  const open = [...untried, ...again.map(({ address }) => address)]
  return { ...before, recipients, open, failures: [...before.failures, result] }
}

function accepted(address: string): RecipientOutcome {
  return { address, status: 'accepted' }
}

/** An outcome for everybody who was asked, which says everything itself: the failure is forgotten after some more. */
function outcomesOf(asked: readonly string[], error: MailError): readonly RecipientOutcome[] {
  const told = new Map(error.recipients.map((recipient) => [recipient.address, recipient]))
  const silent = error.delivered === 'none' ? 'not-attempted' : 'unknown'
  return asked.map((address) => {
    const recipient: RecipientOutcome = told.get(address) ?? { address, status: silent }
    if (recipient.status === 'accepted') return recipient
    const { permanence = error.permanence, kind = error.kind } = recipient
    return { ...recipient, permanence, kind, scope: scopeOfRecipient(recipient, error) }
  })
}

/** At least half of what the back-off allows, and not before the time that the server asked for. */
function pauseBefore(
  { open, recipients }: Progress,
  error: MailError,
  attempts: number,
  { delayMs, maxDelayMs }: Backoff,
): number {
  const waits = recipients.filter(({ address }) => open.includes(address))
  const asked = Math.max(error.retryAfterMs ?? 0, ...waits.map(({ retryAfterMs = 0 }) => retryAfterMs))
  const longest = Math.min(delayMs * 2 ** Math.max(attempts - 1, 0), maxDelayMs)
  const chance = Math.random()
  return Math.max(longest * (0.5 + chance / 2), asked * (1 + chance * 0.1))
}
