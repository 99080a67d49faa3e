import { errorOf, type MailEvent } from './observer.ts'
import type { Receipt } from './receipt.ts'
import { whyQueued } from './why-queued.ts'

/** How much an event matters. @see eventLevel */
export type EventLevel = 'info' | 'warn' | 'error'

/**
 * The level of an event in a log: `error` if nobody was told and a person must act, `warn` if it may pass or the caller gets
 * the failure, `info` if the mail is sent. This does not take the failure.
 */
export function eventLevel(event: MailEvent): EventLevel {
  const error = errorOf(event)
  if (!error) return 'info'
  if (event.type === 'attempt-failed') return 'warn'
  if (event.type === 'late-reply') return 'error'
  if (event.silenced) return error.permanence === 'transient' ? 'warn' : 'error'
  return event.inBackground ? 'error' : 'warn'
}

/** An event in one line, without the id of the message and without the hint. This takes the failure. */
export function eventText(event: MailEvent): string {
  switch (event.type) {
    case 'sent':
      return howSent(event.receipt)
    case 'failed':
      return `${howFailed(event)}: ${event.error.message}`
    case 'attempt-failed':
      return `an attempt failed: ${event.error.message}`
    default:
      return `a late reply says ${event.error ? event.error.message : 'that the message was sent'}`
  }
}

function howSent(receipt: Receipt): string {
  const { state, transport } = receipt
  const why = whyQueued(receipt)
  return why ? `not sent yet by ${transport}, will be tried again: ${why.code}` : `${state} by ${transport}`
}

function howFailed({ silenced, inBackground }: MailEvent): string {
  if (silenced) return 'silenced'
  return inBackground ? 'failed in the background' : 'failed'
}
