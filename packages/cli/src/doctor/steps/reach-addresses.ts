import { connect, isIP } from 'node:net'

/** How one address answered to a TCP connection. */
export interface Reached {
  readonly address: string
  /** `silent`: no answer in time. */
  readonly outcome: 'connected' | 'failed' | 'silent'
  /** The code of the system for `failed`, such as `ECONNREFUSED`. */
  readonly code?: string | undefined
  readonly durationMs: number
}

interface ReachOptions {
  readonly port: number
  readonly localAddress: string | undefined
  readonly timeoutMs: number
  readonly signal: AbortSignal
  /** Called as each address answers. */
  readonly onReached: (reached: Reached) => void
}

/** The most addresses of one family that are tried. */
const MOST = 4
/** After one address answered, the others get this long, in ms. */
const OTHERS_MS = 3_000
/** How long a server may take to close its side, in ms. */
const CLOSING_MS = 500

/** Connects to several addresses at once, and closes each connection as soon as it stands. It never rejects. */
export async function reachAddresses(
  addresses: readonly string[],
  { port, localAddress, timeoutMs, signal, onReached }: ReachOptions,
): Promise<Reached[]> {
  const hurry = new AbortController()
  const stop = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs), hurry.signal])
  let timer: NodeJS.Timeout | undefined
  const reach = (address: string): Promise<Reached> => {
    const begun = performance.now()
    return new Promise((resolve) => {
      const settle = (outcome: Reached['outcome'], code?: string): void => {
        stop.removeEventListener('abort', giveUp)
        const reached = { address, outcome, code, durationMs: performance.now() - begun }
        onReached(reached)
        resolve(reached)
      }
      const socket = connect({ host: address, port, ...(localAddress !== undefined && { localAddress }) })
      const giveUp = (): void => {
        socket.destroy()
        settle('silent')
      }
      socket.once('error', (error: NodeJS.ErrnoException) => settle('failed', error.code))
      socket.once('connect', () => {
        timer ??= setTimeout(() => hurry.abort(), OTHERS_MS)
        settle('connected')
        socket.removeAllListeners('error').on('error', () => {})
        socket.resume().end()
        setTimeout(() => socket.destroy(), CLOSING_MS).unref()
      })
      stop.addEventListener('abort', giveUp)
      if (stop.aborted) giveUp()
    })
  }
  const reached = await Promise.all(tried(addresses).map(reach))
  clearTimeout(timer)
  return reached
}

function tried(addresses: readonly string[]): string[] {
  return [4, 6].flatMap((family) => addresses.filter((address) => isIP(address) === family).slice(0, MOST))
}
