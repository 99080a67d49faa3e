import { domainToASCII } from 'node:url'
import type { Address, Envelope } from '@loudmail/core'

/** The recipients of an envelope that no header names: those of Bcc, as a rule. Domains compare without case and in any form. */
export function unnamedRecipients({ to }: Envelope, named: readonly Address[]): string[] {
  const known = new Set(named.map(({ address }) => comparable(address)))
  return to.filter((address) => !known.has(comparable(address)))
}

function comparable(address: string): string {
  const at = address.lastIndexOf('@') + 1
  const domain = address.slice(at)
  // An address literal, such as [192.0.2.1], has no other form.
  return (address.slice(0, at) + (domainToASCII(domain) || domain)).toLowerCase()
}
