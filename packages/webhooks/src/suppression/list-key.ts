import { mailboxKey } from '@loudmail/core/transport'

/**
 * Two addresses with the same key are one on the list. Unlike elsewhere, case does not count before the @ either: providers
 * tell addresses in lower case, and hardly any server tells `Ann@` from `ann@`.
 */
export function listKey(address: string): string {
  return mailboxKey(address).toLowerCase()
}
