import { isLoopback } from '@loudmail/core/transport'
import type { Flaw } from './problem-list.ts'

/** Whose address it is. */
type Owner = 'link' | 'image'

/** A part of an address that was not filled in. In an address, braces and `%` may be percent-encoded. */
const UNFILLED =
  /(?<![a-z])(?:undefined|NaN)(?![a-z])|[=/]null(?=[/&#?]|$)|\[object|%5Bobject|\{\{|%7B%7B|\$\{|\$%7B|<%|%3C%/i

const SCHEME = /^([a-z][a-z\d+.-]*):/i

/** Networks that only their members reach (RFC 1918, RFC 3927, RFC 4193, RFC 6762). */
const PRIVATE =
  /^(?:10\.|192\.168\.|169\.254\.|172\.(?:1[6-9]|2\d|3[01])\.|\[f[cde][\da-f]{2}:)|\.(?:local|internal|localhost)$/i

/** The scheme of an address in lower case; undefined if it is relative. */
export function schemeOf(address: string): string | undefined {
  return SCHEME.exec(address)?.[1]!.toLowerCase()
}

/** Whether an address has a part that the template should have filled in. */
export function isUnfilled(address: string): boolean {
  return UNFILLED.test(address)
}

/** What is wrong with an address of `http:` or `https:`; undefined if nothing is. */
export function webAddressFlaw(owner: Owner, address: string): Flaw | undefined {
  const flaw = (level: Flaw['level'], what: string, advice: string): Flaw => ({
    kind: owner,
    level,
    what: `${owner === 'link' ? 'A link' : 'An image'} ${what}`,
    advice,
  })
  if (!URL.canParse(address))
    return flaw('error', 'with an address that is not valid', 'Check it for blanks and missing parts.')
  const { hostname, protocol } = new URL(address)
  if (isLoopback(hostname.replace(/^\[(.*)\]$/, '$1')) || hostname === '0.0.0.0')
    return flaw(
      'warning',
      'that leads to this machine',
      'That is right only while you develop: readers need the public address.',
    )
  const isInside = PRIVATE.test(hostname) || (!hostname.includes('.') && !hostname.includes(':'))
  if (isInside)
    return flaw(
      'warning',
      'that only works within a private network',
      'Readers elsewhere need a public address.',
    )
  if (protocol === 'http:') return flaw('warning', 'without TLS', 'Use https: instead of http:.')
  return undefined
}
