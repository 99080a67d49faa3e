import { context, trace, type Context, type Span } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
  type IMetricReader,
} from '@opentelemetry/sdk-metrics'
import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
  type ReadableSpan,
  type SpanExporter,
} from '@opentelemetry/sdk-trace'
import { instrumentMail, type InstrumentMailOptions, type MailInstrumentation } from '../src/index.ts'

/** One value of a metric. */
export interface Figure {
  readonly name: string
  readonly unit: string
  readonly attributes: object
  readonly value: unknown
}

/** A real SDK, with what it exported. */
export interface Telemetry extends AsyncDisposable {
  readonly tracerProvider: TracerProvider
  readonly meterProvider: MeterProvider
  readonly instrumentation: MailInstrumentation
  /** The spans that ended, the earliest first, and each after its parent. */
  spans(): ReadableSpan[]
  figures(): Promise<Figure[]>
  /** Runs a function in a span. */
  inSpan<T>(name: string, run: () => T): T
}

export const contextManager = new AsyncLocalStorageContextManager()
context.setGlobalContextManager(contextManager)

/** Starts the SDK, and instruments mail. */
export function telemetry(
  options: InstrumentMailOptions = {},
  { exporters = [], readers = [] }: { exporters?: SpanExporter[]; readers?: IMetricReader[] } = {},
): Telemetry {
  const kept = new InMemorySpanExporter()
  const tracerProvider = new TracerProvider({
    spanProcessors: [kept, ...exporters].map((exporter) => new SimpleSpanProcessor({ exporter })),
  })
  const metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter: metrics, exportIntervalMillis: 1_000_000 })
  const meterProvider = new MeterProvider({ readers: [reader, ...readers] })
  const instrumentation = instrumentMail({ tracerProvider, meterProvider, ...options })
  return {
    tracerProvider,
    meterProvider,
    instrumentation,
    spans: () => parentsFirst(kept.getFinishedSpans()),
    async figures() {
      metrics.reset()
      await reader.forceFlush()
      return metrics
        .getMetrics()
        .flatMap(({ scopeMetrics }) => scopeMetrics)
        .flatMap((scope) => scope.metrics)
        .flatMap(({ descriptor, dataPoints }) =>
          dataPoints.map(({ attributes, value }) => ({
            name: descriptor.name,
            unit: descriptor.unit,
            attributes,
            value,
          })),
        )
    },
    inSpan<T>(name: string, run: () => T): T {
      const span = tracerProvider.getTracer('test').startSpan(name)
      const inside: Context = trace.setSpan(context.active(), span)
      try {
        return context.with(inside, run)
      } finally {
        span.end()
      }
    },
    async [Symbol.asyncDispose]() {
      instrumentation.stop()
      await tracerProvider.shutdown()
      await meterProvider.shutdown()
    },
  }
}

/** By time alone, a span of the SDK may stand before its parent: it rounds its start down to whole ms. */
function parentsFirst(spans: readonly ReadableSpan[]): ReadableSpan[] {
  const ordered: ReadableSpan[] = []
  const add = (span: ReadableSpan): void => {
    if (ordered.includes(span)) return
    const parent = spans.find((each) => each.spanContext().spanId === span.parentSpanContext?.spanId)
    if (parent) add(parent)
    ordered.push(span)
  }
  for (const span of spans.toSorted((a, b) => timeOf(a) - timeOf(b))) add(span)
  return ordered
}

function timeOf({ startTime: [seconds, nanoseconds] }: ReadableSpan): number {
  return seconds * 1e9 + nanoseconds
}

/** The name of the parent of a span, among these. */
export function parentOf(span: ReadableSpan, spans: readonly ReadableSpan[]): string | undefined {
  return spans.find((each) => each.spanContext().spanId === span.parentSpanContext?.spanId)?.name
}

export type { ReadableSpan, Span }
