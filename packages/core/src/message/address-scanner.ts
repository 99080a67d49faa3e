import type { MailError } from '../failure/mail-error.ts'
import { checkAddrSpec, invalidAddress } from './addr-spec.ts'
import type { Address } from './message.ts'

/** A word of a display name or a local part, with dots (RFC 5322 section 4.1 allows them in names). */
const WORD = /[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\uFFFF.-]+/y

/** What stands beside an address: words, and comments without their parentheses. */
interface Part {
  readonly text: string
  readonly isComment: boolean
}

/**
 * Reads an RFC 5322 address-list in linear time. No comment is lost: beside a name it stays part of the name, in
 * parentheses, and beside an address without a name it is the name. A group stands for its members.
 */
export class AddressScanner {
  readonly #text: string
  readonly #field: string
  #at = 0

  constructor(text: string, field: string) {
    this.#text = text
    this.#field = field
  }

  list(): Address[] {
    if (/^[ \t]*$/.test(this.#text)) throw this.#error('it is empty')
    const found: Address[] = []
    for (;;) {
      this.#one(found, false)
      const next = this.#text[this.#at]
      if (next === undefined) return found
      if (next !== ',') throw this.#unexpected(next)
      this.#at++
    }
  }

  /** Adds a mailbox, or the members of a group, and goes to what follows it. */
  #one(found: Address[], isMember: boolean): void {
    const parts: Part[] = []
    let words = 0
    /** The last word as it is written. */
    let written = ''
    for (;;) {
      this.#skip(parts)
      const next = this.#text[this.#at]
      if (next === '<') {
        const address = this.#angle(parts)
        this.#skip(parts)
        found.push({ name: nameOf(parts), address })
        return
      }
      if (next === '@' && words === 1) {
        const comments = parts.filter(({ isComment }) => isComment)
        const address = this.#domain(written, comments)
        this.#skip(comments)
        found.push({ name: nameOf(comments), address })
        return
      }
      if (next === ':' && words > 0 && !isMember) {
        this.#group(parts, found)
        return
      }
      const start = this.#at
      const word = next === '"' ? this.#quoted() : this.#word()
      if (word === undefined) throw this.#missing(next, words)
      written = this.#text.slice(start, this.#at)
      parts.push({ text: word, isComment: false })
      words++
    }
  }

  /** RFC 5322 section 3.4: `Team: ann@example.com, bob@example.com;`, or without members `undisclosed-recipients:;`. */
  #group(name: readonly Part[], found: Address[]): void {
    if (name.length === 1 && name[0]!.text.toLowerCase() === 'mailto')
      throw this.#error('write the address without mailto:')
    this.#refuseComments(name)
    for (this.#at++; !this.#isEmptyToSemicolon(); this.#at++) {
      this.#one(found, true)
      const next = this.#text[this.#at]
      if (next === ';') break
      if (next === undefined) throw this.#error('the group is not closed with a semicolon')
      if (next !== ',') throw this.#unexpected(next)
    }
    this.#at++
    const rest: Part[] = []
    this.#skip(rest)
    this.#refuseComments(rest)
  }

  /** Goes to the end of the group if nothing is before it; a comment there would belong to no address. */
  #isEmptyToSemicolon(): boolean {
    const start = this.#at
    const parts: Part[] = []
    this.#skip(parts)
    if (this.#text[this.#at] === ';') {
      this.#refuseComments(parts)
      return true
    }
    this.#at = start
    return false
  }

  #angle(parts: Part[]): string {
    this.#at++
    this.#skip(parts)
    const start = this.#at
    const word = this.#text[start] === '"' ? this.#quoted() : this.#word()
    const local = word === undefined ? '' : this.#text.slice(start, this.#at)
    this.#skip(parts)
    if (this.#text[this.#at] !== '@') throw this.#error('it has no @')
    const address = this.#domain(local, parts)
    this.#skip(parts)
    if (this.#text[this.#at] !== '>') throw this.#error('the angle bracket is not closed after the address')
    this.#at++
    return address
  }

  #domain(local: string, parts: Part[]): string {
    this.#at++
    this.#skip(parts)
    let domain = ''
    if (this.#text[this.#at] === '[') {
      const end = this.#text.indexOf(']', this.#at)
      if (end < 0) throw this.#error('the domain literal is not closed')
      domain = this.#text.slice(this.#at, end + 1)
      this.#at = end + 1
    } else domain = this.#word() ?? ''
    return checkAddrSpec(`${local}@${domain}`, this.#field)
  }

  #word(): string | undefined {
    WORD.lastIndex = this.#at
    const word = WORD.exec(this.#text)?.[0]
    this.#at += word?.length ?? 0
    return word
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

  /** Skips white space and adds the comments in it. */
  #skip(parts: Part[]): void {
    for (;;) {
      while (this.#text[this.#at] === ' ' || this.#text[this.#at] === '\t') this.#at++
      if (this.#text[this.#at] !== '(') return
      const text = this.#comment().trim()
      if (text !== '') parts.push({ text, isComment: true })
    }
  }

  #refuseComments(parts: readonly Part[]): void {
    if (parts.some(({ isComment }) => isComment))
      throw this.#error('a comment beside the name of a group would be lost: leave it out')
  }

  /** Comments may be nested (RFC 5322 section 3.2.2). */
  #comment(): string {
    let value = ''
    let depth = 0
    for (; this.#at < this.#text.length; this.#at++) {
      const character = this.#text[this.#at]!
      if (character === ')' && --depth === 0) {
        this.#at++
        return value
      }
      if (character === '(' && ++depth === 1) continue
      if (character === '\\') this.#at++
      value += this.#text[this.#at] ?? ''
    }
    throw this.#error('a comment is not closed')
  }

  #missing(next: string | undefined, words: number): MailError {
    if (next === '@' && words > 1) return this.#error('after a name, the address must be in angle brackets')
    if (next === ';') return this.#unexpected(next)
    return this.#error(words === 0 ? 'the address is missing' : 'it has no @')
  }

  #unexpected(next: string): MailError {
    if (next === ';') return this.#error('separate addresses with commas, not with semicolons')
    if (next === '<') return this.#error('a name that contains an @ must be in quotes')
    return this.#error(`"${next}" at position ${this.#at} is not expected`)
  }

  #error(why: string): MailError {
    return invalidAddress(this.#field, this.#text, why)
  }
}

function nameOf(parts: readonly Part[]): string {
  const hasWords = parts.some(({ isComment }) => !isComment)
  return parts.map(({ text, isComment }) => (isComment && hasWords ? `(${text})` : text)).join(' ')
}
