import dns from 'node:dns'
import { Resolver } from 'node:dns/promises'

/** What the DNS servers say about a name. */
export interface NameServersAnswer {
  /** The servers that were asked. */
  readonly servers: readonly string[]
  /** From the A and AAAA records. */
  readonly addresses: readonly string[]
  /** Why there is no answer, such as `ETIMEOUT`; undefined if they answered, also without an address. */
  readonly problem: string | undefined
  readonly durationMs: number
}

/** How long a DNS server may take, in ms: a program that sends mail gives up as soon. */
const TIMEOUT_MS = 2_000

/** Asks the DNS servers of this machine directly, without the hosts file and the cache of the system. It never rejects. */
export async function askNameServers(
  host: string,
  family: number,
  signal: AbortSignal,
): Promise<NameServersAnswer> {
  const begun = performance.now()
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: 1 })
  // As a property: `dns.setServers()` replaces the function.
  const servers = dns.getServers()
  resolver.setServers(servers)
  const cancel = (): void => resolver.cancel()
  const timer = setTimeout(cancel, 2 * TIMEOUT_MS)
  signal.addEventListener('abort', cancel)
  const name = host.replace(/\.$/, '')
  const answers = await Promise.allSettled([
    family === 6 ? [] : resolver.resolve4(name),
    family === 4 ? [] : resolver.resolve6(name),
  ])
  clearTimeout(timer)
  signal.removeEventListener('abort', cancel)
  const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
  const problem =
    addresses.length > 0
      ? undefined
      : answers
          .map((answer) => (answer.status === 'rejected' ? problemOf(answer.reason) : undefined))
          .find(Boolean)
  return { servers, addresses, problem, durationMs: performance.now() - begun }
}

/** A name without records is an answer. */
function problemOf(error: unknown): string | undefined {
  const { code = 'unknown' } = error as { code?: string }
  return code === 'ENOTFOUND' || code === 'ENODATA' ? undefined : code
}
