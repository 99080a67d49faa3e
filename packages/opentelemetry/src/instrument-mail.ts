import { channel, tracingChannel } from 'node:diagnostics_channel'
import type { TracedAttempt, TracedLateReply, TracedSend } from '@loudmail/core'
import { checkOptions, configError } from '@loudmail/core/transport'
import { metrics, trace, type MeterProvider, type TracerProvider } from '@opentelemetry/api'
import { contextStorage } from './context-storage.ts'
import { HealthGauges } from './health-gauges.ts'
import { SendMetrics } from './send-metrics.ts'
import { SendSpans } from './send-spans.ts'

/** What spans show, and where spans and metrics go. */
export interface InstrumentMailOptions {
  /** Spans have the addresses of the recipients, as `mail.recipients`. @default false */
  readonly recipients?: boolean | undefined
  /** Spans have the subject, as `mail.subject`. @default false */
  readonly subject?: boolean | undefined
  /** Where spans go. @default the global one */
  readonly tracerProvider?: TracerProvider | undefined
  /** Where metrics go. @default the global one */
  readonly meterProvider?: MeterProvider | undefined
}

/** Spans and metrics of all mailers in the process. */
export interface MailInstrumentation {
  /** Ends it: spans that are open end now, and no metric changes any more. Calling it again does nothing. */
  stop(): void
}

/** Which instrumentation is active: one in a process, also if this package is installed twice. */
const ACTIVE = Symbol.for('loudmail.opentelemetry')
const SCOPE = '@loudmail/opentelemetry'

/**
 * Creates a span for every send and every attempt, and the metrics of all mailers in the process, until it is stopped.
 * Call it once, after the SDK of OpenTelemetry was started.
 *
 * @throws MailError `config/invalid-config`; also if another call is active, because everything would be counted twice
 */
export function instrumentMail(options: InstrumentMailOptions = {}): MailInstrumentation {
  checkOptions(options, 'instrumentMail()', {
    recipients: true,
    subject: true,
    tracerProvider: true,
    meterProvider: true,
  })
  const { recipients = false, subject = false, tracerProvider, meterProvider } = options
  for (const [name, value] of Object.entries({ recipients, subject }))
    if (typeof value !== 'boolean') throw configError(`instrumentMail() ${name} must be true or false`)
  if (tracerProvider !== undefined && typeof tracerProvider.getTracer !== 'function')
    throw configError('instrumentMail() tracerProvider must be a TracerProvider')
  if (meterProvider !== undefined && typeof meterProvider.getMeter !== 'function')
    throw configError('instrumentMail() meterProvider must be a MeterProvider')
  const active = globalThis as { [ACTIVE]?: MailInstrumentation | undefined }
  if (active[ACTIVE])
    throw configError('instrumentMail() is active already: call it once, or stop() the first one before')

  const spans = new SendSpans((tracerProvider ?? trace).getTracer(SCOPE), { recipients, subject })
  // Asked for with the first send: before the SDK was started, there is no global provider of metrics.
  let figures: { readonly counts: SendMetrics; readonly gauges: HealthGauges } | undefined
  const figuresNow = (): NonNullable<typeof figures> => {
    if (figures) return figures
    const meter = (meterProvider ?? metrics).getMeter(SCOPE)
    return (figures = { counts: new SendMetrics(meter), gauges: new HealthGauges(meter) })
  }
  const sends = tracingChannel<unknown, TracedSend>('loudmail:send')
  const attempts = tracingChannel<unknown, TracedAttempt>('loudmail:attempt')
  const lateReplies = channel('loudmail:late-reply')
  const ignore = (): void => {}
  const rest = { end: ignore, asyncStart: ignore, error: ignore }
  const ofSends = {
    ...rest,
    start(send: TracedSend): void {
      spans.sendContext(send)
      figuresNow().gauges.watch(send.mailer)
    },
    asyncEnd(send: TracedSend): void {
      spans.endSend(send)
      figuresNow().counts.countSend(send)
    },
  }
  const ofAttempts = {
    ...rest,
    start: (attempt: TracedAttempt) => void spans.attemptContext(attempt),
    asyncEnd(attempt: TracedAttempt): void {
      spans.endAttempt(attempt)
      figuresNow().counts.countAttempt(attempt)
    },
  }
  const ofLateReplies = (late: unknown): void => spans.lateReply(late as TracedLateReply)
  // What is called within a send, such as an HTTP client, then has its span as the active one.
  const storage = contextStorage()
  if (storage) {
    sends.start.bindStore(storage, (send) => spans.sendContext(send))
    attempts.start.bindStore(storage, (attempt) => spans.attemptContext(attempt))
  }
  sends.subscribe(ofSends)
  attempts.subscribe(ofAttempts)
  lateReplies.subscribe(ofLateReplies)

  const self: MailInstrumentation = {
    stop() {
      if (active[ACTIVE] !== self) return
      active[ACTIVE] = undefined
      sends.unsubscribe(ofSends)
      attempts.unsubscribe(ofAttempts)
      lateReplies.unsubscribe(ofLateReplies)
      if (storage) {
        sends.start.unbindStore(storage)
        attempts.start.unbindStore(storage)
      }
      spans.stop()
      figures?.gauges.stop()
    },
  }
  active[ACTIVE] = self
  return self
}
