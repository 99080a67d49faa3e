import type { Stage } from '@loudmail/core'
import type { SmtpOptions } from '@loudmail/smtp'
import type { Step } from '../report.ts'
import type { Candidate, Family } from './candidate.ts'

/** How long to wait for a server that is only slow, in ms. */
const LEAST_MS = 5_000
const MOST_MS = 60_000

/** More time, for a server that answers too late. */
export const longerTime: Family = ({ options, failure: { stage, kind }, wishes }) => {
  // Where no connection stands, more time does not help.
  if (kind !== 'timeout' || ['compose', 'queue', 'dns', 'connect'].includes(stage)) return []
  const timeouts: Partial<Record<Stage, number>> | undefined = options.timeouts
  const own = timeouts?.[stage]
  const now = own ?? options.timeoutMs ?? wishes.timeoutMs
  if (now >= MOST_MS) return []
  const longer = Math.min(Math.max(now * 4, LEAST_MS), MOST_MS)
  const changed: Candidate['options'] =
    own === undefined
      ? { ...options, timeoutMs: longer }
      : { ...options, timeouts: { ...options.timeouts, [stage]: longer } }
  const name = own === undefined ? 'timeoutMs' : `timeouts['${stage}']`
  return [
    {
      change: `The server is slow: wait longer than ${now / 1000} s for it, with \`${name}\` set to ${longer}.`,
      options: changed,
      // A trial sends no content.
      ...((stage === 'data' || stage === 'body') && { isUntried: true }),
    },
  ]
}

const LATE = ['timeout', 'unreachable', 'connection-lost', 'connection-refused']

const IPV4_ALONE = 'Connect over IPv4 alone: set `localAddress` to `0.0.0.0`.'

/** IPv4 alone, if everything works but IPv6 costs time. The walk went over IPv4. */
export function withoutSlowIpv6(options: SmtpOptions | undefined, steps: readonly Step[]): Candidate[] {
  if (!options || options.localAddress !== undefined || options.proxy !== undefined) return []
  const isBroken = steps.some(
    ({ stage, verdict, detail }) =>
      stage === 'connect' && verdict === 'warn' && detail.includes('IPv4 works'),
  )
  return isBroken ? [{ change: IPV4_ALONE, options: { ...options, localAddress: '0.0.0.0' } }] : []
}

/** IPv4 alone, if the way over IPv6 does not work. */
export const ipv4Alone: Family = ({ options, failure, steps }) => {
  const { kind, reply } = failure
  if (options.localAddress !== undefined || options.proxy !== undefined) return []
  const saysSo = /IPv6/i.test(reply?.text ?? '')
  const isSeen = steps.some(
    ({ stage, name, verdict, detail }) =>
      stage === 'connect' &&
      /\[?[\da-f]*:[\da-f:]*:[\da-f]*|IPv6/i.test(`${name} ${verdict === 'pass' ? '' : detail}`),
  )
  if (!saysSo && !(isSeen && LATE.includes(kind))) return []
  return [
    {
      change: IPV4_ALONE,
      options: { ...options, localAddress: '0.0.0.0' },
    },
  ]
}
