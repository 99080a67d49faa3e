import { MailError, type AddressInput } from '@loudmail/core'
import { parseAddressList } from '@loudmail/core/transport'

/** Whose link it is, and from what it unsubscribes. */
export interface SubscriptionInput {
  /** Exactly one address; a name with it is left out. */
  readonly address: AddressInput
  /** The name of the list: 1 to 200 octets in UTF-8, without control characters. The page shows it. */
  readonly list: string
}

/** An address, and the list that it is on. */
export interface Subscription {
  /** `local-part@domain`, the domain in lower case and in ASCII. */
  readonly address: string
  /** The name of the list. */
  readonly list: string
}

/** An address has room for so many octets in a command (RFC 5321 section 4.5.3.1.3). */
const MOST_ADDRESS = 254
const MOST_LIST = 200

/** @throws MailError `compose/invalid-address`, `compose/header-injection` or `compose/invalid-message` */
export function checkedSubscription({ address, list }: SubscriptionInput): Subscription {
  const [parsed, ...others] = parseAddressList(address, 'address')
  if (!parsed || others.length > 0) throw invalid('a link to unsubscribe is for exactly one address')
  if (Buffer.byteLength(parsed.address) > MOST_ADDRESS)
    throw invalid(`a link to unsubscribe has room for an address of ${MOST_ADDRESS} octets`)
  if (typeof list !== 'string' || list.trim() === '')
    throw invalid("a link to unsubscribe needs the name of a list, such as list: 'newsletter'")
  if (/[\p{Cc}\u2028\u2029]/u.test(list) || !list.isWellFormed())
    throw invalid('the name of a list must be one line of text, without control characters')
  if (Buffer.byteLength(list) > MOST_LIST)
    throw invalid(`a link to unsubscribe has room for the name of a list of ${MOST_LIST} octets`)
  const at = parsed.address.lastIndexOf('@')
  return { address: parsed.address.slice(0, at) + parsed.address.slice(at).toLowerCase(), list }
}

function invalid(summary: string): MailError {
  return new MailError({ stage: 'compose', kind: 'invalid-message', summary })
}
