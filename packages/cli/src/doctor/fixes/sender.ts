import type { Candidate, Family } from './candidate.ts'
import { domainOf, isAddress, knownSender, madeUpSender, parentDomain } from './sender-of.ts'

/** The address of the account, when the server refuses the sender. */
export const ownSender: Family = ({ options, failure: { kind }, wishes }) => {
  const user = options.auth?.user
  if ((kind !== 'sender-rejected' && kind !== 'sender-not-owned') || user === undefined) return []
  const now = knownSender(options, wishes) ?? madeUpSender(options)
  const domains = [domainOf(now), parentDomain(options.host)]
  const own = isAddress(user)
    ? [user]
    : domains.filter((domain) => domain !== undefined).map((domain) => `${user}@${domain}`)
  return [...new Set(own)]
    .filter((address) => address !== now && isAddress(address))
    .map((address): Candidate => ({
      change: `Send from \`${address}\`, the address of the account. To send from \`${now}\`, have the operator allow it for this account.`,
      options,
      from: address,
      isReached: true,
    }))
}
