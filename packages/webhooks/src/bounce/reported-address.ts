import { MailError } from '@loudmail/core'
import { parseAddressList } from '@loudmail/core/transport'
import { typedValue } from './report-fields.ts'

/**
 * The address in Original-Recipient or Final-Recipient: `rfc822; ann@example.com`, or `utf-8; jörg@example.com` (RFC 6533).
 * Undefined if it is of another type or no address.
 */
export function reportedAddress(text: string | undefined): string | undefined {
  const typed = typedValue(text) ?? { type: 'rfc822', value: text ?? '' }
  if (typed.type === 'utf-8') return addressIn(unescaped(fromXtext(typed.value)))
  return typed.type === 'rfc822' ? (addressIn(fromXtext(typed.value)) ?? addressIn(typed.value)) : undefined
}

/** The only address in a text, with or without angle brackets. */
export function addressIn(text: string): string | undefined {
  try {
    const [one, ...others] = parseAddressList(text, 'recipient')
    return others.length === 0 ? one?.address : undefined
  } catch (error) {
    if (MailError.is(error)) return undefined
    throw error
  }
}

/**
 * Some servers repeat ORCPT as it was in SMTP, in xtext (RFC 3461 section 4): `joe+2Bnews@example.com`. Others decode it, and
 * `joe+42@example.com` must stay as it is. So only what xtext has to encode is decoded: `+`, `=`, the backslash of RFC 6533, and
 * everything beyond ASCII.
 */
export function fromXtext(text: string): string {
  const found = /(?:\+(?:2B|3D|5C|[89A-F][\dA-F]))+/g
  return text.replaceAll(found, (encoded) => {
    const octets = Buffer.from(encoded.replaceAll('+', ''), 'hex')
    const decoded = octets.toString()
    return decoded.includes('\uFFFD') ? encoded : decoded
  })
}

/** `\x{F6}` is the character with that number (RFC 6533 section 3). */
function unescaped(text: string): string {
  return text.replaceAll(/\\x\{([\dA-F]{2,6})\}/gi, (escape, number: string) => {
    const point = Number.parseInt(number, 16)
    return point > 0x10_ff_ff ? escape : String.fromCodePoint(point)
  })
}
