import type { HealthState, TracedMailer, TransportHealth } from '@loudmail/core'
import type { BatchObservableCallback, BatchObservableResult, Meter, Observable } from '@opentelemetry/api'

const LEVELS: Readonly<Record<HealthState, number>> = { up: 1, degraded: 0.5, down: 0 }
const CONNECTION_STATES = ['opening', 'busy', 'idle'] as const
const ENTRY_STATES = {
  waiting: 'waiting',
  scheduled: 'scheduled',
  'in-flight': 'inFlight',
  'in-doubt': 'inDoubt',
  dead: 'dead',
} as const

/** How the transports of all mailers are that have sent something, asked whenever metrics are read. */
export class HealthGauges {
  readonly #meter: Meter
  readonly #queue: Observable
  readonly #connections: Observable
  readonly #health: Observable
  readonly #entries: Observable
  readonly #oldest: Observable
  readonly #observables: Observable[]
  /** They are held weakly: a mailer that nobody uses any more is collected. */
  readonly #mailers = new Set<WeakRef<TracedMailer>>()
  readonly #known = new WeakSet<TracedMailer>()

  constructor(meter: Meter) {
    this.#meter = meter
    this.#queue = meter.createObservableGauge('mail.queue.length', {
      description: 'Messages that wait for a connection or for their turn',
      unit: '{message}',
    })
    this.#connections = meter.createObservableGauge('mail.connections', {
      description: 'Connections to servers, by what they do',
      unit: '{connection}',
    })
    this.#health = meter.createObservableGauge('mail.transport.health', {
      // Without a unit: for 1, the name in Prometheus would end in `_ratio`.
      description: 'Whether messages can be sent: 1 up, 0.5 degraded, 0 down',
    })
    this.#entries = meter.createObservableGauge('mail.outbox.entries', {
      description: 'Messages in an outbox that are not settled, by their state',
      unit: '{message}',
    })
    this.#oldest = meter.createObservableGauge('mail.outbox.oldest_waiting', {
      description: 'How long the oldest message of an outbox that is due has been waiting',
      unit: 's',
    })
    this.#observables = [this.#queue, this.#connections, this.#health, this.#entries, this.#oldest]
    meter.addBatchObservableCallback(this.#observe, this.#observables)
  }

  watch(mailer: TracedMailer): void {
    if (this.#known.has(mailer)) return
    this.#known.add(mailer)
    this.#mailers.add(new WeakRef(mailer))
  }

  stop(): void {
    this.#meter.removeBatchObservableCallback(this.#observe, this.#observables)
    this.#mailers.clear()
  }

  readonly #observe: BatchObservableCallback = (result) => {
    const transports = new Map<string, TransportHealth[]>()
    for (const reference of this.#mailers) {
      const mailer = reference.deref()
      if (mailer) collect(mailer.health(), transports)
      else this.#mailers.delete(reference)
    }
    for (const [name, healths] of transports) this.#report(result, name, healths)
  }

  /** Transports with the same name have one figure: the counts of all, and the state of the worst. */
  #report(result: BatchObservableResult, name: string, healths: readonly TransportHealth[]): void {
    const attributes = { 'mail.transport': name }
    result.observe(this.#health, Math.min(...healths.map(({ state }) => LEVELS[state])), attributes)
    const waiting = sum(healths.map((health) => health.waiting))
    if (waiting !== undefined) result.observe(this.#queue, waiting, attributes)
    for (const state of CONNECTION_STATES) {
      const connections = sum(healths.map((health) => health.connections?.[state]))
      if (connections !== undefined)
        result.observe(this.#connections, connections, { ...attributes, 'mail.connection.state': state })
    }
    // An outbox that several mailers share is one.
    const queues = healths.flatMap(({ queue }) => queue ?? [])
    if (queues.length === 0) return
    for (const [state, field] of Object.entries(ENTRY_STATES)) {
      const entries = Math.max(...queues.map((queue) => queue[field]))
      result.observe(this.#entries, entries, { ...attributes, 'mail.outbox.state': state })
    }
    const oldestMs = Math.max(...queues.map(({ oldestWaitingMs }) => oldestWaitingMs))
    result.observe(this.#oldest, oldestMs / 1_000, attributes)
  }
}

/** A transport and its parts, by name. */
function collect(health: TransportHealth, found: Map<string, TransportHealth[]>): void {
  const { transport, state, parts = [] } = health
  // A mailer has the name of its transport, which is its part, and the sums of all counts.
  const isMailer = parts.some((part) => part.transport === transport)
  const own = isMailer ? { transport, state } : health
  const same = found.get(transport)
  if (same) same.push(own)
  else found.set(transport, [own])
  for (const part of parts) collect(part, found)
}

/** Undefined if nobody knows a number. */
function sum(numbers: readonly (number | undefined)[]): number | undefined {
  const known = numbers.filter((number) => number !== undefined)
  return known.length > 0 ? known.reduce((a, b) => a + b, 0) : undefined
}
