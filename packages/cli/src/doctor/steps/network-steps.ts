import { isIP } from 'node:net'
import type { SmtpOptions } from '@loudmail/smtp'
import { addressSteps } from './address-steps.ts'
import type { Destination } from './destination.ts'
import { nameSteps } from './name-steps.ts'
import type { StepLog } from './step-log.ts'

/** Options that let a probe find again at once what was found here. */
type Found = Pick<SmtpOptions, 'lookup' | 'timeouts'>

/** The stages that `smtp()` gives a time-out before it connects, in ms, if nothing else is set. */
const DEFAULT_MS = { dns: 10_000, connect: 30_000 }

/** What no answer came to once is not waited for again, in ms. */
const NO_LONGER_MS = 1

/** Looks at the way to the server, or to the proxy: the name, and each address. */
export async function networkSteps(
  { host, port, proxy }: Destination,
  { localAddress, lookup, timeouts, timeoutMs }: SmtpOptions,
  log: StepLog,
  signal: AbortSignal,
): Promise<Found> {
  const next = proxy ?? { host, port }
  const dnsMs = timeouts?.dns ?? timeoutMs ?? DEFAULT_MS.dns
  const connectMs = timeouts?.connect ?? timeoutMs ?? DEFAULT_MS.connect
  const family = localAddress === undefined ? 0 : isIP(localAddress)
  const prefix = proxy ? 'proxy ' : ''
  const own = proxy ? undefined : lookup
  if (proxy && !isIP(host)) log.skip('dns', 'name look-up', `The proxy looks up ${host}.`)
  const found = await nameSteps(next.host, log, { prefix, family, lookup: own, timeoutMs: dnsMs, signal })
  if (found.isSilent)
    return proxy ? {} : { lookup: found.replay, timeouts: { ...timeouts, dns: NO_LONGER_MS } }
  const reached = await addressSteps(found.addresses, log, {
    prefix,
    port: next.port,
    localAddress,
    timeoutMs: connectMs,
    signal,
  })
  const isSilent = reached.length > 0 && reached.every(({ outcome }) => outcome === 'silent')
  return {
    ...(!proxy && { lookup: found.replay }),
    ...(isSilent && { timeouts: { ...timeouts, connect: NO_LONGER_MS } }),
  }
}
