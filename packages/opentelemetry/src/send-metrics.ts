import type { TracedAttempt, TracedSend } from '@loudmail/core'
import type { Counter, Histogram, Meter } from '@opentelemetry/api'
import { failureAttributes, outcomeAttributes, serverAttributes } from './send-attributes.ts'

/** In seconds: from a server on the same machine to the longest time-outs. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120]

/** How many sends and attempts ended how, and how long they took. */
export class SendMetrics {
  readonly #sends: Counter
  readonly #sendDuration: Histogram
  readonly #attempts: Counter
  readonly #attemptDuration: Histogram

  constructor(meter: Meter) {
    const advice = { explicitBucketBoundaries: BUCKETS }
    this.#sends = meter.createCounter('mail.sends', {
      description: 'Messages that were sent or failed',
      unit: '{message}',
    })
    this.#sendDuration = meter.createHistogram('mail.send.duration', {
      description: 'How long sends took, with all their attempts',
      unit: 's',
      advice,
    })
    this.#attempts = meter.createCounter('mail.attempts', {
      description: 'Attempts of transports that really send',
      unit: '{attempt}',
    })
    this.#attemptDuration = meter.createHistogram('mail.attempt.duration', {
      description: 'How long attempts took',
      unit: 's',
      advice,
    })
  }

  countSend(send: TracedSend): void {
    const attributes = { 'mail.transport': send.transport, ...outcomeAttributes(send) }
    this.#sends.add(1, { ...attributes, ...failureAttributes(send) })
    this.#sendDuration.record(send.durationMs! / 1_000, attributes)
  }

  countAttempt(attempt: TracedAttempt): void {
    const attributes = {
      'mail.transport': attempt.transport,
      ...outcomeAttributes(attempt),
      ...serverAttributes(attempt),
    }
    this.#attempts.add(1, attributes)
    this.#attemptDuration.record(attempt.durationMs! / 1_000, attributes)
  }
}
