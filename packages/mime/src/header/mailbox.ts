import type { Address } from '@loudmail/core'
import { encodedWords } from './encoded-word.ts'
import { firstLineRoom } from './header-field.ts'

const ATEXT = "[A-Za-z0-9!#$%&'*+\\-/=?^_`{|}~]"
const ATOMS = new RegExp(`^${ATEXT}+(?: ${ATEXT}+)*$`)
const PRINTABLE = /^[ -~]*$/
/** What is longer and cannot be folded is written as encoded-words, which can. */
const LONGEST_UNENCODED = 60

/**
 * Mailboxes as words to fold between (RFC 5322 section 3.4): a name is quoted or encoded where it must be, and an
 * address is never split. One beyond ASCII stands as it is, in UTF-8 (RFC 6532).
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

function phraseWords(name: string, room: number | undefined): string[] {
  const looksEncoded = name.includes('=?')
  if (!looksEncoded && ATOMS.test(name)) {
    const atoms = name.split(' ')
    if (atoms.every((atom) => atom.length <= LONGEST_UNENCODED)) return atoms
  }
  const isQuotable = !looksEncoded && name.length <= LONGEST_UNENCODED && PRINTABLE.test(name)
  return isQuotable ? [`"${name.replace(/["\\]/g, '\\$&')}"`] : encodedWords(name, room)
}
