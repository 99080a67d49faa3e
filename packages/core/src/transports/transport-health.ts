/** `degraded`: messages are sent, but something is wrong, such as one of several transports. */
export type HealthState = 'up' | 'degraded' | 'down'

/** The last failure of a transport, without the server's words. */
export interface HealthFailure {
  /** `stage/kind`. */
  readonly code: string
  /** What to do about it. */
  readonly hint: string
  /** When it happened. */
  readonly at: Date
}

/** The messages that an outbox keeps, as far as they are not settled. */
export interface QueueHealth {
  /** How many are due, and no worker has them yet. */
  readonly waiting: number
  /** How many are not due yet, also because they are tried again later. */
  readonly scheduled: number
  /** How many a worker is sending. */
  readonly inFlight: number
  /** How many may have been delivered when their worker died: a person has to decide. */
  readonly inDoubt: number
  /** How many were given up. */
  readonly dead: number
  /** How long the oldest one that is due has been waiting, in ms; 0 if none is. */
  readonly oldestWaitingMs: number
}

/** How a transport is, from what it knows without sending anything. It contains no addresses, secrets or words of a server. */
export interface TransportHealth {
  /** The name of the transport. */
  readonly transport: string
  /** Whether messages can be sent. */
  readonly state: HealthState
  /** The last failure that was the fault of the transport; undefined if there was none. */
  readonly lastFailure?: HealthFailure | undefined
  /** How many messages wait here: for a connection, or for their turn. Those that wait in a part are counted there. */
  readonly waiting?: number | undefined
  /** How many messages are being sent. */
  readonly sending?: number | undefined
  /** The connections to the server, by what they do. */
  readonly connections?:
    | { readonly opening: number; readonly busy: number; readonly idle: number }
    | undefined
  /** The state of a `breaker()`. */
  readonly breaker?: 'closed' | 'open' | 'half-open' | undefined
  /** Until when nothing is sent through this transport. */
  readonly skippedUntil?: Date | undefined
  /** The messages that it keeps, if it is an outbox. Those of a part are counted there. */
  readonly queue?: QueueHealth | undefined
  /** The transports that it consists of. */
  readonly parts?: readonly TransportHealth[] | undefined
}

/** The health of a transport that does not say: it counts as up. */
export function healthOf(transport: { readonly name: string; health?(): TransportHealth }): TransportHealth {
  return transport.health?.() ?? { transport: transport.name, state: 'up' }
}

/** All must be up for all to be up; one that is up is enough for messages to be sent. */
function stateOfAny(parts: readonly TransportHealth[]): HealthState {
  if (parts.every(({ state }) => state === 'up')) return 'up'
  return parts.every(({ state }) => state === 'down') ? 'down' : 'degraded'
}

/** The health of a transport that consists of others: the newest of their failures is its own. */
export function healthOfAll(transport: string, parts: readonly TransportHealth[]): TransportHealth {
  const lastFailure = newestFailure(parts.map((part) => part.lastFailure))
  return { transport, state: stateOfAny(parts), ...(lastFailure && { lastFailure }), parts }
}

/** The newest of several failures; undefined if there is none. */
export function newestFailure(failures: readonly (HealthFailure | undefined)[]): HealthFailure | undefined {
  return failures.reduce(
    (newest, next) => (next && !(newest && newest.at > next.at) ? next : newest),
    undefined,
  )
}
