import { encodedWords } from './encoded-word.ts'
import { firstLineRoom, LONGEST_LINE } from './header-field.ts'

/** Printable ASCII, with blanks only inside. */
const PLAIN = /^[!-~](?:[\t -~]*[!-~])?$/
/** Where a value may be folded without a change: between words with one blank. */
export const SINGLE_BLANK = /(?<![\t ]) (?![\t ])/

/**
 * The value of an unstructured field (RFC 5322 section 3.2.5) as words to fold between. Text that would not arrive
 * unchanged (characters beyond ASCII, controls, outer blanks, text that looks like an encoded-word) becomes encoded-words.
 * The words before and after it stay as they are.
 */
export function unstructuredWords(name: string, value: string): string[] {
  if (value === '') return []
  const room = firstLineRoom(name)
  if (value.length <= room && isPlain(value)) return [value]
  if (value !== value.trim()) return encodedWords(value, room)
  const words = value.split(SINGLE_BLANK)
  const longest = LONGEST_LINE - name.length - 2
  const isEncoded = (word: string): boolean => word.length > longest || !isPlain(word)
  const first = words.findIndex(isEncoded)
  if (first === -1) return words
  const end = words.findLastIndex(isEncoded) + 1
  const encoded = encodedWords(words.slice(first, end).join(' '), first === 0 ? room : undefined)
  return [...words.slice(0, first), ...encoded, ...words.slice(end)]
}

function isPlain(word: string): boolean {
  return PLAIN.test(word) && !word.includes('=?')
}
