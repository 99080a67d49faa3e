import { channel, tracingChannel, type TracingChannel } from 'node:diagnostics_channel'
import type { TracedAttempt } from './traced-attempt.ts'
import type { TracedSend } from './traced-send.ts'

/** Every send of a mailer. */
export const sendChannel = tracingChannel<unknown, TracedSend>('loudmail:send')
/** Every attempt of a transport that really sends. */
export const attemptChannel = tracingChannel<unknown, TracedAttempt>('loudmail:attempt')
/** What a server says after a send settled as `unknown`. */
export const lateReplyChannel = channel('loudmail:late-reply')

/** Whether anybody subscribes to one of its events. */
export function isWatched<Payload extends object>(traced: TracingChannel<unknown, Payload>): boolean {
  // Bun knows that only of each event.
  return traced.hasSubscribers ?? isEventWatched(traced)
}

function isEventWatched<Payload extends object>(traced: TracingChannel<unknown, Payload>): boolean {
  const { start, end, asyncStart, asyncEnd, error } = traced
  return [start, end, asyncStart, asyncEnd, error].some(({ hasSubscribers }) => hasSubscribers)
}

/** Publishes `start` and `end` around the call that begins something, which runs with the stores that are bound to `start`. */
export function publishStart<Payload extends object, Result>(
  { start, end }: TracingChannel<unknown, Payload>,
  payload: Payload,
  run: () => Result,
): Result {
  return start.runStores(payload, () => {
    try {
      return run()
    } finally {
      end.publish(payload)
    }
  })
}

/** Publishes `error` if there is one, then `asyncStart` and `asyncEnd`, as `tracePromise` of Node does. */
export function publishEnd<Payload extends { readonly error?: unknown }>(
  { error, asyncStart, asyncEnd }: TracingChannel<unknown, Payload>,
  payload: Payload,
): void {
  if (payload.error !== undefined) error.publish(payload)
  asyncStart.publish(payload)
  asyncEnd.publish(payload)
}
