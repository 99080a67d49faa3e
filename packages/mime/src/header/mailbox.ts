import type { Address } from '@loudmail/core'
import { encodedWords } from './encoded-word.ts'
import { firstLineRoom } from './header-field.ts'

const ATEXT = "[A-Za-z0-9!#$%&'*+\\-/=?^_`{|}~]"
const ATOMS = new RegExp(`^${ATEXT}+(?: ${ATEXT}+)*$`)
const PRINTABLE = /^[ -~]*$/
/** Longer words cannot be folded, so they are written as encoded-words, which can. */
const LONGEST_UNENCODED = 60

/**
 * Mailboxes as words to fold between (RFC 5322 section 3.4). A name is quoted or encoded if it must be. An address is
 * never split, and one beyond ASCII is written in UTF-8 (RFC 6532).
 */
export function mailboxWords(name: string, mailboxes: readonly Address[]): string[] {
  const words: string[] = []
  for (const [index, mailbox] of mailboxes.entries()) {
    const comma = index < mailboxes.length - 1 ? ',' : ''
    if (mailbox.name === '') words.push(`${mailbox.address}${comma}`)
    else {
      words.push(...phraseWords(mailbox.name, index === 0 ? firstLineRoom(name) : undefined))
      words.push(`<${mailbox.address}>${comma}`)
    }
  }
  return words
}

/** A display name as words to fold between, quoted or encoded if it must be. */
export function phraseWords(name: string, room?: number): string[] {
  const looksEncoded = name.includes('=?')
  if (!looksEncoded && ATOMS.test(name)) {
    const atoms = name.split(' ')
    if (atoms.every((atom) => atom.length <= LONGEST_UNENCODED)) return atoms
  }
  const isQuotable = !looksEncoded && name.length <= LONGEST_UNENCODED && PRINTABLE.test(name)
  return isQuotable ? [`"${name.replace(/["\\]/g, '\\$&')}"`] : encodedWords(name, room)
}
