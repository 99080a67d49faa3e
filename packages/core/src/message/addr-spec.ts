import { MailError } from '../failure/mail-error.ts'

// Without the u flag, the two halves of a character beyond U+FFFF count separately. The result is the same, and it compiles faster.
const DOT_ATOM = /^(?:[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\uFFFF-]+(?:\.|$))+(?<!\.)$/
/**
 * Atoms with dots where RFC 5321 allows them only in quotes. Japanese carriers gave out addresses with two dots in a row or
 * a dot before the @, which go out in quotes. None began with a dot: that is a typing error.
 */
const DOTS = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\uFFFF.-]*$/
const QUOTED = /^"(?:[^"\\]|\\[^])*"$/
const LABEL = /^(?!-)[A-Za-z0-9-]{1,63}(?<!-)$/
const LITERAL =
  /^\[(?:IPv6:[0-9A-Fa-f:.]+|\d{1,3}(?:\.\d{1,3}){3}|[A-Za-z0-9-]*[A-Za-z0-9]:[\x21-\x5A\x5E-\x7E]+)\]$/
/** Control characters, spaces beyond ASCII, and characters that turn the direction of a text or have no width. */
const INVISIBLE =
  // oxlint-disable-next-line no-control-regex
  /[\0-\x1F\x7F-\xA0\u061C\u1680\u180E\u2000-\u200B\u200E\u200F\u2028-\u202F\u205F\u2060\u2066-\u2069\u3000\uFEFF]/
/** An address is never folded, and a header line ends after 998 octets (RFC 5322 section 2.1.1). */
const LONGEST = 980

/**
 * Checks `local-part@domain` and returns it with its domain in ASCII. How long a local part may be is left to the server.
 *
 * @throws MailError `compose/invalid-address`
 * @see RFC 5321 section 4.1.2, RFC 6531 section 3.3
 */
export function checkAddrSpec(text: string, field: string): string {
  const at = text.lastIndexOf('@')
  let local = text.slice(0, at)
  if (at < 0) throw invalidAddress(field, text, 'it has no @')
  if (local === '') throw invalidAddress(field, text, 'there is nothing before the @')
  if (Buffer.byteLength(text) > LONGEST)
    throw invalidAddress(
      field,
      text,
      `it is longer than ${LONGEST} octets, which do not fit on a line of a message`,
    )
  const invisible = INVISIBLE.exec(text)
  if (invisible)
    throw invalidAddress(
      field,
      text,
      `it contains the invisible character ${codePoint(invisible[0])}: remove it`,
    )
  if (!DOT_ATOM.test(local) && !QUOTED.test(local)) {
    if (!DOTS.test(local)) throw invalidAddress(field, text, 'the part before the @ is not valid')
    if (local.startsWith('.')) throw needsQuotes(field, text, local)
    local = `"${local}"`
  }
  if (!local.isWellFormed())
    throw invalidAddress(field, text, 'the part before the @ is not well-formed Unicode')
  const domain = asciiDomain(text.slice(at + 1))
  if (domain === undefined) throw invalidAddress(field, text, 'the part after the @ is not a domain')
  return `${local}@${domain}`
}

function needsQuotes(field: string, text: string, local: string): MailError {
  const why = 'the part before the @ begins with a dot, which is allowed only in quotes'
  const hint = `Check whether it is a typing error. If the mailbox really has this name, write the part before the @ in quotes: ${JSON.stringify(local)}${text.slice(local.length)}`
  return invalidAddress(field, text, why).with({ hint: hint.slice(0, 500) })
}

/** A domain in ASCII, or an address literal; undefined if it is neither. */
export function asciiDomain(domain: string): string | undefined {
  if (LITERAL.test(domain)) return domain
  // Only names beyond ASCII are converted: the conversion follows URL rules, which would also turn `0x7f.1` into an IP address.
  const ascii = /^[\0-\x7F]*$/.test(domain)
    ? domain
    : /[\s%@:/?#[\]\\<>^|]/.test(domain)
      ? ''
      : process.getBuiltinModule('node:url').domainToASCII(domain)
  if (ascii.length > 253) return undefined
  return ascii !== '' && ascii.split('.').every((label) => LABEL.test(label)) ? ascii : undefined
}

/** The failure of an address. It shows the beginning of the address with every character visible. */
export function invalidAddress(field: string, input: unknown, why: string): MailError {
  const shown = typeof input === 'string' ? ` ${visible(input.slice(0, 100))}` : ''
  return new MailError({ stage: 'compose', kind: 'invalid-address', summary: `${field}${shown}: ${why}` })
}

function visible(text: string): string {
  return JSON.stringify(text).replaceAll(
    new RegExp(INVISIBLE, 'g'),
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** `U+202E`, the way to write a character that cannot be seen. */
export function codePoint(character: string): string {
  return `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`
}
