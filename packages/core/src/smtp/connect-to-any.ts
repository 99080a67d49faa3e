import type { LookupFunction, Socket } from 'node:net'
import { diagnoseConnectionError } from '../failure/diagnose-connection-error.ts'
import type { Kind } from '../failure/vocabulary.ts'

/** Where to connect. */
export interface Destination {
  /** A name or an IP address. */
  readonly host: string
  /** The address of this machine to connect from. */
  readonly localAddress?: string | undefined
  /** @default dns.lookup */
  readonly lookup?: LookupFunction | undefined
}

/** Why no address could be reached, and the errors underneath. */
export interface Unreached {
  /** The step that failed. */
  readonly stage: 'dns' | 'connect'
  /** What happened. */
  readonly kind: Kind
  /** What happened, in words. @default the text of the kind */
  readonly summary?: string
  /** The error of the system. */
  readonly cause?: unknown
}

/** What comes of it: `resolved`, then one of the others. */
export interface ConnectEvents {
  /** The addresses are known, and the first is about to be tried. */
  resolved(): void
  /** Called once, with the first connection. */
  connected(socket: Socket): void
  /** Called once, if no address could be reached. */
  failed(why: Unreached): void
}

/** A connection that is being made. */
export interface ConnectAttempts {
  /** Lets the attempts keep the process alive. */
  ref(): void
  /** Lets the process end in spite of the attempts. */
  unref(): void
  /** Ends the attempts. Nothing is called after that. */
  stop(): void
  /** What each address said that was tried so far. One that said nothing yet counts as timed out. */
  readonly cause: unknown
}

/** After this time without an answer, the next address is tried as well (RFC 8305 section 5), in ms. */
const NEXT_AFTER_MS = 250

/**
 * Looks up a host and connects to the first of its addresses that answers. No attempt ends before another one connects,
 * fails or is stopped: the caller's time-out is the only one. Node itself gives up each address after 250 ms.
 *
 * @param open begins to connect to an address
 */
export function connectToAny(
  destination: Destination,
  open: (address: string) => Socket,
  events: ConnectEvents,
): ConnectAttempts {
  const sockets = new Map<Socket, string>()
  const errors: unknown[] = []
  let addresses: string[] = []
  let timer: NodeJS.Timeout | undefined
  let isOver = false
  let isHeld = true

  const stop = (): void => {
    isOver = true
    clearTimeout(timer)
    for (const socket of sockets.keys()) socket.on('error', () => {}).destroy()
  }
  const fail = (why: Unreached): void => {
    if (isOver) return
    stop()
    events.failed(why)
  }
  const tryNext = (): void => {
    clearTimeout(timer)
    if (isOver) return
    const address = addresses.shift()
    if (address !== undefined) tryAddress(address)
    else if (sockets.size === 0) {
      const cause = together(errors)
      fail({ stage: 'connect', kind: diagnoseConnectionError(cause)?.kind ?? 'unreachable', cause })
    }
  }
  const tryAddress = (address: string): void => {
    const socket = open(address)
    sockets.set(socket, address)
    if (!isHeld) socket.unref()
    const onError = (error: Error): void => {
      sockets.delete(socket)
      errors.push(error)
      tryNext()
    }
    socket.once('error', onError)
    socket.once('connect', () => {
      socket.off('error', onError)
      sockets.delete(socket)
      stop()
      events.connected(socket)
    })
    if (addresses.length > 0) timer = setTimeout(tryNext, NEXT_AFTER_MS).unref()
  }

  lookUp(destination, fail, (found) => {
    if (isOver) return
    addresses = found
    events.resolved()
    tryNext()
  })
  return {
    ref: () => {
      isHeld = true
      for (const socket of sockets.keys()) socket.ref()
    },
    unref: () => {
      isHeld = false
      for (const socket of sockets.keys()) socket.unref()
    },
    stop,
    get cause() {
      return together([...errors, ...[...sockets.values()].map(noAnswer)])
    },
  }
}

function lookUp(
  { host, localAddress, lookup }: Destination,
  fail: (why: Unreached) => void,
  done: (addresses: string[]) => void,
): void {
  const { isIP } = process.getBuiltinModule('node:net')
  const family = localAddress === undefined ? 0 : isIP(localAddress)
  const fitting = (addresses: readonly string[]): void => {
    const fit = addresses.filter((address) => family === 0 || isIP(address) === family)
    if (fit.length > 0) return done(inTurns(fit))
    const summary = `the host has no IPv${family} address, and localAddress is one`
    fail({ stage: 'connect', kind: 'unreachable', summary })
  }
  if (isIP(host)) return fitting([host])
  let isAnswered = false
  const answer = (error: unknown, result?: unknown): void => {
    // A function of the caller may answer twice.
    if (isAnswered) return
    isAnswered = true
    if (error) return fail(lookupFailure(error, family))
    const addresses = [result ?? []]
      .flat()
      .map((each: unknown) => (typeof each === 'string' ? each : (each as { address?: unknown })?.address))
      .filter((each) => typeof each === 'string' && isIP(each) !== 0)
    if (addresses.length > 0) return fitting(addresses as string[])
    fail({ stage: 'dns', kind: 'host-not-found', summary: 'the look-up of the host name gave no address' })
  }
  try {
    const look = lookup ?? process.getBuiltinModule('node:dns').lookup
    look(host, { all: true, family, hints: 0 }, answer)
  } catch (error) {
    answer(error ?? new Error('lookup() threw nothing'))
  }
}

/** A resolver has codes of its own, some of which mean something else on a socket. */
function lookupFailure(cause: unknown, family: number): Unreached {
  const found = diagnoseConnectionError(cause)
  if (found?.stage !== 'dns')
    return { stage: 'dns', kind: 'dns-temporary', summary: 'the host name could not be looked up', cause }
  if (family === 0 || found.kind !== 'host-not-found') return { stage: 'dns', kind: found.kind, cause }
  const summary = `the host name does not exist or has no IPv${family} address, and localAddress is one`
  return { stage: 'dns', kind: found.kind, summary, cause }
}

/** The families alternate, so that one that does not work costs little time (RFC 8305 section 4). */
function inTurns(addresses: readonly string[]): string[] {
  const all = [...new Set(addresses)]
  const first = all.filter((address) => address.includes(':') === all[0]!.includes(':'))
  const second = all.filter((address) => !first.includes(address))
  return Array.from({ length: Math.max(first.length, second.length) }, (_, index) => [
    first[index],
    second[index],
  ])
    .flat()
    .filter((address) => address !== undefined)
}

function noAnswer(address: string): Error {
  return Object.assign(new Error(`connect ${address}: no answer in time`), { code: 'ETIMEDOUT' })
}

function together(errors: readonly unknown[]): unknown {
  if (errors.length < 2) return errors[0]
  return new AggregateError(errors, errors.map((error) => (error as Error).message).join('; '))
}
