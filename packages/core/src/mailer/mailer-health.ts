import { callSafely } from '../failure/call-safely.ts'
import type { RecentResults } from '../transports/recent-results.ts'
import {
  healthOf,
  newestFailure,
  type HealthState,
  type QueueHealth,
  type TransportHealth,
} from '../transports/transport-health.ts'
import type { Transport } from '../transports/transport.ts'

/** Counts since the mailer was created. */
export interface MailerCounts {
  /** How many messages were sent. */
  readonly sent: number
  /** How many messages failed, whether thrown or silenced. */
  readonly failed: number
  /** How many of `failed` were not thrown because of the policy. */
  readonly silenced: number
  /** Failed attempts within wrappers that may try more than once, such as `retry()`, whatever came after. */
  readonly attemptsFailed: number
}

/**
 * How a mailer is, from its last sends and checks and from what its transport knows, without sending anything. It contains
 * no addresses, secrets or words of a server.
 */
export interface MailerHealth extends TransportHealth {
  /** How many messages wait in all queues of the transport. */
  readonly waiting: number
  /** How many sends are in progress, including those that wait. */
  readonly sending: number
  /** The messages of all outboxes in the transport; undefined if there is none. */
  readonly queue?: QueueHealth | undefined
  /** Counts since the mailer was created. */
  readonly counts: MailerCounts
  /** When the last send or check told something about the transport; undefined if none did in the last five minutes. */
  readonly knownAt?: Date | undefined
}

/** Combines what the sends have shown with what the transport knows: the worse of both. */
export function mailerHealth(
  transport: Transport,
  results: RecentResults,
  sending: number,
  counts: MailerCounts,
): MailerHealth {
  let own: TransportHealth = { transport: transport.name, state: 'up' }
  void callSafely('health() of the transport', () => void (own = healthOf(transport)))
  const all = partsOf(own)
  const failures = [results, ...all].map(({ lastFailure }) => lastFailure)
  return {
    transport: transport.name,
    state: worse(results.state ?? 'up', own.state),
    knownAt: results.lastAt,
    lastFailure: newestFailure(failures),
    waiting: sum(all.map(({ waiting }) => waiting)),
    sending,
    connections: connectionsOf(all),
    queue: queueOf(all),
    counts: { ...counts },
    parts: [own],
  }
}

function partsOf(health: TransportHealth): TransportHealth[] {
  return [health, ...(health.parts ?? []).flatMap(partsOf)]
}

function worse(one: HealthState, other: HealthState): HealthState {
  const states: readonly HealthState[] = ['up', 'degraded', 'down']
  return states[Math.max(states.indexOf(one), states.indexOf(other))] ?? 'up'
}

function connectionsOf(all: readonly TransportHealth[]): TransportHealth['connections'] {
  const each = all.flatMap(({ connections }) => connections ?? [])
  if (each.length === 0) return undefined
  return {
    opening: sum(each.map(({ opening }) => opening)),
    busy: sum(each.map(({ busy }) => busy)),
    idle: sum(each.map(({ idle }) => idle)),
  }
}

function queueOf(all: readonly TransportHealth[]): QueueHealth | undefined {
  const each = all.flatMap(({ queue }) => queue ?? [])
  if (each.length === 0) return undefined
  return {
    waiting: sum(each.map(({ waiting }) => waiting)),
    scheduled: sum(each.map(({ scheduled }) => scheduled)),
    inFlight: sum(each.map(({ inFlight }) => inFlight)),
    inDoubt: sum(each.map(({ inDoubt }) => inDoubt)),
    dead: sum(each.map(({ dead }) => dead)),
    oldestWaitingMs: Math.max(...each.map(({ oldestWaitingMs }) => oldestWaitingMs)),
  }
}

function sum(numbers: readonly (number | undefined)[]): number {
  return numbers.reduce<number>((total, number = 0) => total + number, 0)
}
