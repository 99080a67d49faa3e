import type { Address } from '@loudmail/core'
import { isSameAddress, readMailbox, shownMailbox } from '../inbox/mailbox.ts'
import { valueTest, type ValueMatch } from './value-match.ts'

/**
 * `ann@example.com` in any case, whatever the display name; with a display name, `Ann <ann@example.com>`, that one. A
 * pattern is tested on the address and on both together.
 */
export type AddressMatch = ValueMatch<Address>

/**
 * Makes a test of what is wanted of an address.
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
