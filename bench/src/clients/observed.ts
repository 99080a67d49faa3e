import diagnostics from 'node:diagnostics_channel'
import { syncBuiltinESMExports } from 'node:module'
import type { ClientModule } from '../client.ts'
import { clientOf } from '../loudmail.ts'
import type { Observing } from '../observing.ts'

export const connect: ClientModule['connect'] = async (target, work) => {
  const variant = target.variant as Observing
  if (variant === 'without channels') removeChannels()
  // Not before: core creates its channels when it is loaded.
  const [{ Mailer }, { toMessage }, { smtp }] = await Promise.all([
    import('@loudmail/core'),
    import('@loudmail/core/transport'),
    import('@loudmail/smtp'),
  ])
  if (variant === 'subscribers') subscribe()
  if (variant === 'opentelemetry') await instrument()
  return clientOf({ Mailer, smtp, toMessage }, target, work)
}

/** What core asks before every send and attempt is then a plain field. */
function removeChannels(): void {
  diagnostics.tracingChannel = () => ({ hasSubscribers: false }) as never
  syncBuiltinESMExports()
}

function subscribe(): void {
  const nothing = (): void => {}
  const subscribers = { start: nothing, end: nothing, asyncStart: nothing, asyncEnd: nothing, error: nothing }
  for (const name of ['loudmail:send', 'loudmail:attempt'])
    diagnostics.tracingChannel(name).subscribe(subscribers)
}

/** Spans and metrics are made and exported to nowhere. */
async function instrument(): Promise<void> {
  const [{ instrumentMail }, { context }, { AsyncLocalStorageContextManager }, sdkMetrics, sdkTrace] =
    await Promise.all([
      import('@loudmail/opentelemetry'),
      import('@opentelemetry/api'),
      import('@opentelemetry/context-async-hooks'),
      import('@opentelemetry/sdk-metrics'),
      import('@opentelemetry/sdk-trace'),
    ])
  context.setGlobalContextManager(new AsyncLocalStorageContextManager())
  const exporter = {
    export: (_: unknown, done: (result: { code: number }) => void) => done({ code: 0 }),
    shutdown: async () => {},
    forceFlush: async () => {},
  }
  const spanProcessors = [new sdkTrace.BatchSpanProcessor({ exporter })]
  const reader = new sdkMetrics.PeriodicExportingMetricReader({ exporter })
  instrumentMail({
    tracerProvider: new sdkTrace.TracerProvider({ spanProcessors }),
    meterProvider: new sdkMetrics.MeterProvider({ readers: [reader] }),
  })
}
