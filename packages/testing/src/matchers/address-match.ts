import type { Address } from '@loudmail/core'
import { isSameAddress, readMailbox, shownMailbox } from '../inbox/mailbox.ts'
import { valueTest, type ValueMatch } from './value-match.ts'

/**
 * `ann@example.com` matches in any case, with any display name. `Ann <ann@example.com>` matches only with that name. A
 * pattern is tested against the address, and against the name and address together.
 */
export type AddressMatch = ValueMatch<Address>

/**
 * Creates the test for a wanted address.
 *
 * @throws TypeError
 */
export function addressTest(wanted: unknown, name: string): (address: Address) => boolean {
  if (typeof wanted !== 'string')
    return valueTest<Address>(wanted, name, { texts: (found) => [found.address, shownMailbox(found)] })
  const mailbox = readMailbox(wanted, name)
  return (found) =>
    isSameAddress(found.address, mailbox.address) && (mailbox.name === '' || mailbox.name === found.name)
}
