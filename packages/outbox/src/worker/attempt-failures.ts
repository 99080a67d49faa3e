import { MailError, type Message } from '@loudmail/core'
import { diagnoseAbort, failAll } from '@loudmail/core/transport'

/** The failure of an entry whose worker died while it sent it. */
export function parked(message: Message, transport: string): MailError {
  return failAll(message, 'unknown', {
    stage: 'submit',
    kind: 'aborted',
    summary: 'the process that sent the message ended before its outcome was known',
    hint: 'Find out whether it arrived: look for its Message-ID in the log of the mail server, or ask a recipient. Then resolve the entry as delivered or as not delivered.',
    transport,
  })
}

/** The failure of an attempt whose transport did not end when its time was over. */
export function hanging(
  message: Message,
  transport: string,
  isBegun: boolean,
  signal: AbortSignal | undefined,
): MailError {
  const { kind } = diagnoseAbort(signal)
  return failAll(message, isBegun ? 'unknown' : 'not-attempted', {
    stage: 'submit',
    kind,
    summary: `the transport did not end when ${kind === 'timeout' ? 'the deadline passed' : 'the worker stopped'}`,
    hint: isBegun
      ? 'Find out whether it arrived, then resolve the entry. If the transport says it later, that settles the entry. A transport must end when its `signal` aborts.'
      : 'Nothing was sent, and the message is tried again. A transport must end when its `signal` aborts: look for what it waits for.',
    transport,
  })
}

/** The failure of an entry that no worker sent in time. */
export function tooLate(message: Message, transport: string): MailError {
  return failAll(message, 'not-attempted', {
    stage: 'queue',
    kind: 'timeout',
    permanence: 'permanent',
    summary: 'the message was not sent in time',
    hint: 'If it is still wanted, try the entry again. Check that a worker is running: see `counts()` of the outbox.',
    transport,
  })
}

/** The failure of an attempt whose entry another worker has meanwhile. */
export function foundElsewhere(message: Message, transport: string): MailError {
  return failAll(message, 'not-attempted', {
    stage: 'queue',
    kind: 'aborted',
    summary: 'another worker has the message',
    hint: 'This worker stood still for longer than `leaseMs`. The other one sends the message, so there is nothing to do.',
    transport,
  })
}

/** The failure of an attempt that could not be recorded as begun. */
export function notBegun(message: Message, transport: string, error: unknown): MailError {
  const { hint, cause } = (MailError.is(error) ? error : {}) as Partial<MailError>
  return failAll(message, 'not-attempted', {
    stage: 'submit',
    kind: 'storage',
    summary: 'nothing was sent, because the store of the outbox could not be written',
    hint,
    transport,
    cause: cause ?? error,
  })
}
