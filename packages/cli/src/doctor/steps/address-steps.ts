import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import { hostAndPort } from './destination.ts'
import { reachAddresses, type Reached } from './reach-addresses.ts'
import type { StepLog } from './step-log.ts'

interface AddressStepsOptions {
  /** Put before the names of the steps. */
  readonly prefix: string
  readonly port: number
  readonly localAddress: string | undefined
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** Connects to each address of the server on its own, because one that does not answer costs time or hides the fault. */
export async function addressSteps(
  addresses: readonly string[],
  log: StepLog,
  { prefix, ...options }: AddressStepsOptions,
): Promise<readonly Reached[]> {
  const { port, signal } = options
  const nameOf = (address: string): string => `${prefix}TCP to ${hostAndPort({ host: address, port })}`
  log.waitFor(`${prefix}TCP to port ${port}`)
  const all = await reachAddresses(addresses, {
    ...options,
    onReached: ({ address, outcome, durationMs }) => {
      if (outcome === 'connected')
        log.add({
          stage: 'connect',
          name: nameOf(address),
          verdict: 'pass',
          durationMs,
          detail: 'It connects.',
        })
    },
  })
  if (signal.aborted) return all
  for (const reached of all) {
    if (reached.outcome === 'connected') continue
    const { address, durationMs } = reached
    log.add({ stage: 'connect', name: nameOf(address), durationMs, ...judge(reached, all, port) })
  }
  return all
}

function judge(
  reached: Reached,
  all: readonly Reached[],
  port: number,
): { readonly verdict: 'warn' | 'fail' | 'skip'; readonly detail: string } {
  const working = all.filter(({ outcome }) => outcome === 'connected')
  const what = whatIsWrong(reached, port)
  if (working.length === 0) return { verdict: 'fail', detail: what }
  const family = isIP(reached.address)
  if (isMissingHere(reached.code) && !hasFamily(family))
    return { verdict: 'skip', detail: `This machine has no IPv${family}. That costs no time.` }
  const isFamily = working.every(({ address }) => isIP(address) !== family)
  const consequence = isFamily
    ? `IPv${family === 6 ? 4 : 6} works. A program that tries IPv${family} first loses time on each connection.`
    : 'Another address works. A program that tries this one first loses time, or fails.'
  return { verdict: 'warn', detail: `${what} ${consequence}` }
}

function whatIsWrong({ outcome, code, durationMs }: Reached, port: number): string {
  if (outcome === 'silent')
    return `No answer in ${(durationMs / 1000).toFixed(1)} s: a firewall on the way may drop the packets.`
  if (code === 'ECONNREFUSED') return `It refuses: nothing listens on port ${port} there.`
  if (isMissingHere(code) || code === 'EHOSTUNREACH')
    return `This machine has no route to this address (${code}).`
  if (code === 'EACCES' || code === 'EPERM')
    return `A rule on this machine does not allow the connection (${code}).`
  return code === 'ETIMEDOUT'
    ? 'No answer: a firewall on the way may drop the packets.'
    : `It does not connect (${code ?? 'no reason given'}).`
}

function isMissingHere(code: string | undefined): boolean {
  return code === 'ENETUNREACH' || code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT'
}

/** Whether this machine has an address of this family beside those that reach no further than its own cable. */
function hasFamily(family: number): boolean {
  return Object.values(networkInterfaces())
    .flat()
    .some(
      (found) => found?.family === `IPv${family}` && !found.internal && !found.address.startsWith('fe80:'),
    )
}
