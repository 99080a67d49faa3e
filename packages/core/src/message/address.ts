import type { AddressInput, AddressListInput } from './message-input.ts'
import { MailError } from '../failure/mail-error.ts'
import { checkAddrSpec, invalidAddress } from './addr-spec.ts'
import { AddressScanner } from './address-scanner.ts'
import type { Address } from './message.ts'

/** One empty list, shared by all messages. */
export const NONE: readonly never[] = Object.freeze([])

/** A plain address, as most are. It needs no scanner, and its length leaves no room for a domain that is too long. */
const ATOM = String.raw`[A-Za-z0-9!#$%&'*+/=?^_\`{|}~-]+`
const HOST = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?'
const PLAIN = new RegExp(String.raw`^${ATOM}(?:\.${ATOM})*@${HOST}(?:\.${HOST})*$`)

/**
 * Parses one address.
 *
 * @param field the field to name in the error, such as `to`
 * @throws MailError `compose/invalid-address`, or `compose/header-injection` if it contains CR, LF or NUL
 * @see RFC 5322 section 3.4, RFC 5321 section 4.1.2, RFC 6531 section 3.3
 */
export function parseAddress(input: AddressInput, field: string): Address {
  const list = parseAddressList(input, field)
  if (list.length !== 1)
    throw invalidAddress(
      field,
      input,
      list.length === 0 ? 'it is empty' : 'it contains more than one address',
    )
  return list[0]!
}

/** Parses addresses, as a list or separated by commas; see {@link parseAddress}. A group gives its members, which may be none. */
export function parseAddressList(input: AddressListInput | undefined, field: string): readonly Address[] {
  if (input === undefined || input === null) return NONE
  if (Array.isArray(input)) {
    return (input as readonly AddressInput[]).flatMap((one, index) => {
      if (one === undefined || one === null || one === '')
        throw invalidAddress(`${field}[${index}]`, one, 'it is empty')
      return parseAddressList(one, `${field}[${index}]`)
    })
  }
  if (typeof input === 'string') {
    if (input.length <= 254 && PLAIN.test(input)) return [{ name: '', address: input }]
    refuseControls(input, field)
    return new AddressScanner(input, field).list()
  }
  const { name, address } = input as { name?: unknown; address?: unknown }
  if (typeof address !== 'string' || (name !== undefined && typeof name !== 'string')) {
    throw invalidAddress(field, input, 'it must be a string or { name?, address }')
  }
  refuseControls(name ?? '', field)
  refuseControls(address, field)
  return [{ name: (name ?? '').trim(), address: checkAddrSpec(address.trim(), field) }]
}

/** An address for the envelope: like {@link parseAddress}, but only a bare addr-spec. */
export function parseMailbox(input: unknown, field: string): string {
  if (typeof input !== 'string') throw invalidAddress(field, input, 'it must be a string')
  refuseControls(input, field)
  return checkAddrSpec(input, field)
}

/** Whether an address needs SMTPUTF8: its local part is not ASCII. */
export function needsSmtpUtf8(address: string): boolean {
  return /[^\0-\x7F]/.test(address)
}

/** Refuses characters that would end a header line or a command. */
export function refuseControls(value: string, field: string): void {
  // oxlint-disable-next-line no-control-regex
  const found = /[\r\n\0]/.exec(value)
  if (!found) return
  const name = found[0] === '\0' ? 'a NUL character' : 'a line break'
  throw new MailError({
    stage: 'compose',
    kind: 'header-injection',
    summary: `${field} contains ${name} at position ${found.index}`,
  })
}
