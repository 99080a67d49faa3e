import type { AddressInput, AddressListInput } from './message-input.ts'
import { MailError } from '../failure/mail-error.ts'
import type { Address } from './message.ts'

/** One empty list, shared by all messages. */
export const NONE: readonly never[] = Object.freeze([])

/** A plain address, as most are. It needs no scanner. */
const ATOM = String.raw`[A-Za-z0-9!#$%&'*+/=?^_\`{|}~-]+`
const HOST = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?'
const PLAIN = new RegExp(String.raw`^${ATOM}(?:\.${ATOM})*@${HOST}(?:\.${HOST})*$`)

// Without the u flag, the two halves of a character beyond U+FFFF count separately. The result is the same, and it compiles faster.
const DOT_ATOM = /^(?:[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\uFFFF-]+(?:\.|$))+(?<!\.)$/
/** Atoms with dots where RFC 5321 allows them only in quotes. Some Japanese carriers gave out such addresses. */
const DOTS = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\uFFFF.-]*$/
const ATEXT = /[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\uFFFF-]/
const LABEL = /^(?!-)[A-Za-z0-9-]{1,63}(?<!-)$/
const LITERAL =
  /^\[(?:IPv6:[0-9A-Fa-f:.]+|\d{1,3}(?:\.\d{1,3}){3}|[A-Za-z0-9-]*[A-Za-z0-9]:[\x21-\x5A\x5E-\x7E]+)\]$/

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
    throw invalid(field, input, list.length === 0 ? 'it is empty' : 'it contains more than one address')
  return list[0]!
}

/** Parses addresses, as a list or separated by commas; see {@link parseAddress}. */
export function parseAddressList(input: AddressListInput | undefined, field: string): readonly Address[] {
  if (input === undefined || input === null) return NONE
  if (Array.isArray(input)) {
    return (input as readonly AddressInput[]).flatMap((one, index) => {
      if (one === undefined || one === null || one === '')
        throw invalid(`${field}[${index}]`, one, 'it is empty')
      return parseAddressList(one, `${field}[${index}]`)
    })
  }
  if (typeof input === 'string') {
    if (input.length <= 254 && input.indexOf('@') <= 64 && PLAIN.test(input))
      return [{ name: '', address: input }]
    refuseControls(input, field)
    return new Scanner(input, field).list()
  }
  const { name, address } = input as { name?: unknown; address?: unknown }
  if (typeof address !== 'string' || (name !== undefined && typeof name !== 'string')) {
    throw invalid(field, input, 'it must be a string or { name?, address }')
  }
  refuseControls(name ?? '', field)
  refuseControls(address, field)
  return [{ name: (name ?? '').trim(), address: checkAddrSpec(address.trim(), field) }]
}

/** An address for the envelope: like {@link parseAddress}, but only a bare addr-spec. */
export function parseMailbox(input: unknown, field: string): string {
  if (typeof input !== 'string') throw invalid(field, input, 'it must be a string')
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

/** Reads an RFC 5322 address-list, with comments and folding white space wherever the RFC allows them. */
class Scanner {
  readonly #text: string
  readonly #field: string
  #at = 0

  constructor(text: string, field: string) {
    this.#text = text
    this.#field = field
  }

  list(): Address[] {
    const found: Address[] = []
    this.#skip()
    if (this.#at === this.#text.length) throw this.#error('it is empty')
    for (;;) {
      found.push(this.#mailbox())
      this.#skip()
      if (this.#at === this.#text.length) return found
      if (this.#text[this.#at] !== ',')
        throw this.#error(`"${this.#text[this.#at]}" at position ${this.#at} is not expected`)
      this.#at++
      this.#skip()
    }
  }

  #mailbox(): Address {
    const start = this.#at
    const words: string[] = []
    let bare = true
    for (;;) {
      this.#skip()
      const next = this.#text[this.#at]
      if (next === '<') {
        const name = words.join(' ')
        return { name, address: this.#angle() }
      }
      if (next === '@' && words.length === 1) return { name: '', address: this.#bare(start) }
      // An address can begin with a dot only by mistake, or for want of quotes: the check of the address tells.
      if (next === '.' && words.length === 0) return { name: '', address: this.#bare(this.#at) }
      if (next === ':') throw this.#error('groups are not supported: list the addresses')
      if (next === '"') words.push(this.#quoted())
      else if (next !== undefined && (ATEXT.test(this.#character()) || (next === '.' && words.length > 0)))
        words.push(this.#atom())
      else {
        if (next === '@' && words.length > 1)
          throw this.#error('after a name, the address must be in angle brackets')
        throw this.#error(words.length === 0 && bare ? 'the address is missing' : 'it has no @')
      }
      bare = false
    }
  }

  #bare(start: number): string {
    this.#at = start
    return this.#addrSpec()
  }

  #angle(): string {
    this.#at++
    this.#skip()
    const address = this.#addrSpec()
    this.#skip()
    if (this.#text[this.#at] !== '>') throw this.#error('the angle bracket is not closed after the address')
    this.#at++
    return address
  }

  #addrSpec(): string {
    let local = ''
    if (this.#text[this.#at] === '"') {
      const start = this.#at
      this.#quoted()
      local = this.#text.slice(start, this.#at)
    } else local = this.#atom()
    this.#skip()
    if (this.#text[this.#at] !== '@') throw this.#error('it has no @')
    this.#at++
    this.#skip()
    let domain: string
    if (this.#text[this.#at] === '[') {
      const end = this.#text.indexOf(']', this.#at)
      if (end < 0) throw this.#error('the domain literal is not closed')
      domain = this.#text.slice(this.#at, end + 1)
      this.#at = end + 1
    } else domain = this.#atom()
    return checkAddrSpec(`${local}@${domain}`, this.#field)
  }

  #atom(): string {
    const start = this.#at
    while (this.#at < this.#text.length && (this.#text[this.#at] === '.' || ATEXT.test(this.#character()))) {
      this.#at += this.#character().length
    }
    return this.#text.slice(start, this.#at)
  }

  #quoted(): string {
    let value = ''
    for (this.#at++; this.#at < this.#text.length; this.#at++) {
      const character = this.#text[this.#at]!
      if (character === '"') {
        this.#at++
        return value
      }
      if (character === '\\') this.#at++
      value += this.#text[this.#at] ?? ''
    }
    throw this.#error('a quote is not closed')
  }

  /** Skips white space and comments, which may be nested (RFC 5322 section 3.2.2). */
  #skip(): void {
    for (let depth = 0; this.#at < this.#text.length; this.#at++) {
      const character = this.#text[this.#at]!
      if (character === '(') depth++
      else if (character === ')' && depth > 0) depth--
      else if (depth > 0 && character === '\\') this.#at++
      else if (depth === 0 && character !== ' ' && character !== '\t') return
      if (this.#at >= this.#text.length - 1 && depth > 0) throw this.#error('a comment is not closed')
    }
  }

  #character(): string {
    return String.fromCodePoint(this.#text.codePointAt(this.#at)!)
  }

  #error(why: string): MailError {
    return invalid(this.#field, this.#text, why)
  }
}

function checkAddrSpec(text: string, field: string): string {
  const at = text.lastIndexOf('@')
  const local = text.slice(0, at)
  const domain = text.slice(at + 1)
  if (at < 0) throw invalid(field, text, 'it has no @')
  if (local === '') throw invalid(field, text, 'there is nothing before the @')
  const isDotAtom = DOT_ATOM.test(local)
  // oxlint-disable-next-line no-control-regex
  const isQuoted = /^"(?:[^"\\\0-\x1F\x7F-\x9F]|\\[^\0-\x1F\x7F-\x9F])*"$/u.test(local)
  if (!isDotAtom && !isQuoted && DOTS.test(local)) throw needsQuotes(field, text, local)
  if (!isDotAtom && !isQuoted) throw invalid(field, text, 'the part before the @ is not valid')
  if (!local.isWellFormed()) throw invalid(field, text, 'the part before the @ is not well-formed Unicode')
  if (Buffer.byteLength(local) > 64)
    throw invalid(field, text, 'the part before the @ is longer than 64 octets')
  const ascii = asciiDomain(domain)
  if (ascii === undefined) throw invalid(field, text, 'the part after the @ is not a domain')
  const address = `${local}@${ascii}`
  if (Buffer.byteLength(address) > 254) throw invalid(field, text, 'it is longer than 254 octets')
  return address
}

function needsQuotes(field: string, text: string, local: string): MailError {
  const why =
    'the part before the @ begins or ends with a dot or has two dots in a row, which is allowed only in quotes'
  const hint = `Check whether it is a typing error. If the mailbox really has this name, write the part before the @ in quotes: ${JSON.stringify(local)}${text.slice(local.length)}`
  return invalid(field, text, why).with({ hint: hint.slice(0, 500) })
}

function asciiDomain(domain: string): string | undefined {
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

function invalid(field: string, input: unknown, why: string): MailError {
  const shown = typeof input === 'string' ? ` ${JSON.stringify(input.slice(0, 100))}` : ''
  return new MailError({ stage: 'compose', kind: 'invalid-address', summary: `${field}${shown}: ${why}` })
}
