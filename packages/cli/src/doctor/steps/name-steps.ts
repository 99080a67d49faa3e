import { isIP } from 'node:net'
import { diagnoseConnectionError, isLoopback } from '@loudmail/core/transport'
import { askNameServers, type NameServersAnswer } from './ask-name-servers.ts'
import { list } from './list.ts'
import { lookUp, type LookUp, type LookUpOptions } from './look-up.ts'
import type { StepLog } from './step-log.ts'

interface NameStepsOptions extends LookUpOptions {
  /** Put before the names of the steps: `proxy ` for the proxy. */
  readonly prefix: string
}

/**
 * Looks up a name twice: as the application does, and at the DNS servers. They differ where a hosts file, a container or a
 * split DNS has its own answer.
 */
export async function nameSteps(host: string, log: StepLog, options: NameStepsOptions): Promise<LookUp> {
  const { prefix, family, signal } = options
  const asks = !isIP(host) && !isLoopback(host) && !host.toLowerCase().endsWith('.localhost')
  log.waitFor(`${prefix}name look-up`)
  const asked = asks ? askNameServers(host, family, signal) : undefined
  const found = isIP(host) ? addressAlone(host) : await lookUp(host, options)
  const failed = found.error !== null && found.error !== undefined
  const works = found.addresses.length > 0
  if (!signal.aborted)
    log.add({
      stage: 'dns',
      name: `${prefix}name look-up`,
      verdict: isIP(host) ? 'skip' : works ? 'pass' : 'fail',
      durationMs: found.durationMs,
      detail: isIP(host)
        ? `${host} is an address: there is no name to look up.`
        : works
          ? `${host} is ${list(found.addresses)}.`
          : found.isSilent
            ? `The look-up of ${host} gave no answer in time.`
            : failed
              ? failedLookUp(host, found.error, options.lookup !== undefined)
              : `The look-up of ${host} gave no address${family === 0 ? '' : ` for IPv${family}`}.`,
    })
  if (!asked) {
    if (!isIP(host) && !signal.aborted)
      log.skip('dns', `${prefix}DNS servers`, 'Not asked: the name is that of this machine.')
    return found
  }
  log.waitFor('the DNS servers')
  const answer = await asked
  if (!signal.aborted)
    log.add({
      stage: 'dns',
      name: `${prefix}DNS servers`,
      durationMs: answer.durationMs,
      ...compare(found, answer, options.lookup !== undefined),
    })
  return found
}

function addressAlone(host: string): LookUp {
  const replay: LookUp['replay'] = (_host, _options, callback) => callback(null, host, isIP(host))
  return { addresses: [host], error: undefined, isSilent: false, durationMs: 0, replay }
}

function failedLookUp(host: string, error: unknown, isOwn: boolean): string {
  const { code, message } = error as { code?: unknown; message?: unknown }
  const words = typeof code === 'string' ? code : typeof message === 'string' ? message : 'no reason given'
  const by = isOwn ? 'The `lookup` function of the options' : 'This machine'
  return diagnoseConnectionError(error)?.kind === 'host-not-found'
    ? `${by} does not find the name ${host} (${words}).`
    : `${by} cannot look up ${host} at the moment (${words}).`
}

function compare(
  found: LookUp,
  { servers, addresses, problem }: NameServersAnswer,
  hasOwnLookup: boolean,
): { readonly verdict: 'pass' | 'warn' | 'fail'; readonly detail: string } {
  const works = found.addresses.length > 0
  const verdict = works ? 'warn' : 'fail'
  const source = hasOwnLookup
    ? 'the `lookup` function of the options'
    : 'the hosts file, or the resolver of a container or a VPN'
  if (problem !== undefined) {
    const who = servers.length === 0 ? 'This machine has no DNS servers' : `${list(servers)} did not answer`
    const rest = works ? ` The application has its addresses from another place: ${source}.` : ''
    return { verdict, detail: `${who} (${problem}).${rest}` }
  }
  if (addresses.length === 0)
    return {
      verdict,
      detail: works
        ? `They do not know this name. The application has its addresses from another place: ${source}.`
        : 'They do not know this name either.',
    }
  if (!works)
    return {
      verdict: 'warn',
      detail: `They know this name: it is ${list(addresses)}. So only the look-up of this machine fails.`,
    }
  if (!addresses.some((address) => found.addresses.includes(address)))
    return {
      verdict: 'warn',
      detail: `They say ${list(addresses)}, but the application gets other addresses: from ${source}.`,
    }
  const isSame = addresses.length === found.addresses.length
  return {
    verdict: 'pass',
    detail: isSame ? 'They give the same addresses.' : `They say ${list(addresses)}.`,
  }
}
