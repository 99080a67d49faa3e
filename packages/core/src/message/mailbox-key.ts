import { asciiDomain } from './addr-spec.ts'
import type { Address } from './message.ts'

/** An address that is its own key, as most are: without quotes, and its domain in ASCII and in lower case. */
const IS_KEY = /^[^"@]+@[\0-?[-\x7F]+$/

/**
 * Two addresses with the same key are one mailbox. Case counts before the @ and not after it (RFC 5321 section 2.4), and a
 * domain beyond ASCII is the same as its ASCII form.
 */
export function mailboxKey(address: string): string {
  if (IS_KEY.test(address)) return address
  const at = address.lastIndexOf('@') + 1
  const domain = address.slice(at)
  return keyOf(address.slice(0, at) + (asciiDomain(domain) ?? domain))
}

/** The key of an address whose domain is in ASCII. */
function keyOf(address: string): string {
  const at = address.lastIndexOf('@')
  // A local part in quotes that needs none is the same without them (RFC 5321 section 4.1.2).
  const local = address.startsWith('"')
    ? address.slice(1, at - 1).replaceAll(/\\(.)/g, '$1')
    : address.slice(0, at)
  return local + address.slice(at).toLowerCase()
}

/** Each mailbox once, as it is written first. */
export function distinctMailboxes(recipients: readonly Address[]): string[] {
  if (recipients.length === 1) return [recipients[0]!.address]
  const found = new Map<string, string>()
  for (const { address } of recipients) {
    const key = keyOf(address)
    if (!found.has(key)) found.set(key, address)
  }
  return [...found.values()]
}
