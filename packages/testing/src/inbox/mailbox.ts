import { domainToASCII } from 'node:url'
import type { Address } from '@loudmail/core'
import { addressParser } from 'postal-mime'

/**
 * Reads one mailbox, with or without a display name.
 *
 * @param name the name of the value, for the error
 * @throws TypeError
 */
export function readMailbox(text: unknown, name: string): Address {
  const found = typeof text === 'string' ? mailboxesIn(text) : []
  const [first] = found
  if (found.length === 1 && first && /^[^@\s].*@[^@\s]+$/s.test(first.address)) return first
  throw new TypeError(
    `${name} must be one address, ann@example.com or Ann <ann@example.com>, but is ${JSON.stringify(text)}`,
  )
}

/** The mailboxes of an address header, including those of groups. */
export function mailboxesIn(header: string): Address[] {
  return addressParser(header, { flatten: true }).flatMap(({ name, address }) => {
    return address === undefined ? [] : { name, address }
  })
}

/** Whether two addresses are the same, ignoring case and the form of an international domain. */
export function isSameAddress(one: string, other: string): boolean {
  return one === other || comparable(one) === comparable(other)
}

/** A mailbox as a header shows it. */
export function shownMailbox({ name, address }: Address): string {
  return name === '' ? address : `${name} <${address}>`
}

function comparable(address: string): string {
  const at = address.lastIndexOf('@') + 1
  const domain = address.slice(at)
  // An address literal, such as [192.0.2.1], has no other form.
  return (address.slice(0, at) + (domainToASCII(domain) || domain)).toLowerCase()
}
