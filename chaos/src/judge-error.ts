import type { MailError, RecipientOutcome } from '@loudmail/core'
import type { Sending } from './sending.ts'

/** What is wrong with the way a send was told: a failure that nobody saw in time, or one that does not agree with itself. */
export function errorsOf(sending: Sending): string[] {
  const { plan, outcome, error, events, eventsWhenSettled } = sending
  const seen = events.slice(0, eventsWhenSettled)
  const has = (type: string, failure?: MailError): boolean =>
    seen.some((event) => event.type === type && event.error === failure)
  const late = events.flatMap((event) => (event.type === 'late-reply' && event.error ? [event.error] : []))
  return [
    ...(has(error ? 'failed' : 'sent', error) ? [] : ['no observer saw how it ended before it settled']),
    ...(outcome!.failures.every((failure) => has('attempt-failed', failure))
      ? []
      : ['no observer saw an attempt that failed before it settled']),
    ...(seen.some(({ type }) => type === 'late-reply') ? ['a late reply came before it settled'] : []),
    // The API of a provider takes a message as a whole.
    ...(error?.stage === 'submit' &&
    error.reply?.protocol !== 'http' &&
    !/resend|postmark/.test(error.transport ?? '')
      ? [`told as ${error.code}: the transport did not say how far it came`]
      : []),
    ...[error ?? [], late].flat().flatMap((each) => disagreements(each, plan.content !== 'stream')),
  ]
}

function disagreements(error: MailError, isReplayable: boolean): string[] {
  const { code, delivered, permanence, retryable, recipients } = error
  const expected = expectedOf(recipients)
  const mayBeTried =
    recipients.length === 0 ||
    recipients.some(
      ({ status, permanence: own = permanence }) =>
        (status === 'rejected' || status === 'not-attempted') && own === 'transient',
    )
  const expectedRetryable = permanence === 'transient' && mayBeTried
  return [
    ...(delivered === expected.delivered
      ? []
      : [`${code} says delivered: ${delivered}, not ${expected.delivered}`]),
    ...(expected.permanence === undefined || permanence === expected.permanence
      ? []
      : [`${code} says permanence: ${permanence}, not ${expected.permanence}`]),
    // A stream that was read cannot be sent again, one that was not read can.
    ...(retryable === expectedRetryable || (!retryable && !isReplayable)
      ? []
      : [`${code} says retryable: ${retryable}, not ${expectedRetryable}`]),
  ]
}

/** What the recipients' outcomes make of the whole; the permanence may follow from the failure where they say nothing. */
function expectedOf(recipients: readonly RecipientOutcome[]): {
  readonly delivered: MailError['delivered']
  readonly permanence: MailError['permanence'] | undefined
} {
  const has = (status: RecipientOutcome['status']): boolean =>
    recipients.some((each) => each.status === status)
  const delivered = has('unknown') ? 'unknown' : has('accepted') ? 'some' : 'none'
  const failed = recipients.filter(({ status }) => status !== 'accepted')
  if (failed.some(({ permanence }) => permanence === 'transient'))
    return { delivered, permanence: 'transient' }
  if (delivered === 'unknown') return { delivered, permanence: 'unknown' }
  const isPermanent = failed.length > 0 && failed.every(({ permanence }) => permanence === 'permanent')
  return { delivered, permanence: isPermanent ? 'permanent' : undefined }
}
