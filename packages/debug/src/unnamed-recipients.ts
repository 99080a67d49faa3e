import type { Address, Envelope } from '@loudmail/core'
import { mailboxKey } from '@loudmail/core/transport'

/** The recipients of an envelope that no header names: those of Bcc, as a rule. Case does not count, as with most servers. */
export function unnamedRecipients({ to }: Envelope, named: readonly Address[]): string[] {
  const known = new Set(named.map(({ address }) => comparable(address)))
  return to.filter((address) => !known.has(comparable(address)))
}

function comparable(address: string): string {
  return mailboxKey(address).toLowerCase()
}
