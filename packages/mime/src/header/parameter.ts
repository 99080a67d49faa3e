import { encodedWords } from './encoded-word.ts'

const TOKEN = /^[A-Za-z0-9-]+$/
/** Characters that need no escape in a quoted-string: not every mail program understands escapes. */
const QUOTABLE = /^[ !#-[\]-~]*$/
/** RFC 2231 section 7: attribute-char. */
const ATTRIBUTE_CHARACTER = /^[A-Za-z0-9!#$&+\-.^_`{}~]$/
/** With its blank and semicolon, such a parameter fits on a line of 76. */
const LONGEST = 74
/** One parameter up to its semicolon, which does not count within quotes. */
const PIECE = /(?:[^;"]|"(?:[^"\\]|\\.)*"?)+;?/g
const CHARSET = "utf-8''"

/** A value with its parameters (RFC 2045 section 5.1) as words to fold between. */
export function withParameters(value: string, ...parameters: readonly (readonly string[])[]): string[] {
  return [value.length > LONGEST ? pieces(value) : [value], ...parameters].flatMap((words, index) =>
    index < parameters.length ? closed(words) : words,
  )
}

/** A long value that has parameters of its own, in pieces to fold between. */
function pieces(value: string): readonly string[] {
  return value.match(PIECE)?.map((piece) => piece.trim()) ?? [value]
}

/** One parameter: a token, a quoted string, or percent-encoded UTF-8 in as many sections as needed (RFC 2231). */
export function parameter(name: string, value: string): string[] {
  return plainParameter(name, value) ?? extendedParameter(name, value)
}

/**
 * One parameter for programs that do not know RFC 2231: encoded-words within quotes. RFC 2047 section 5 forbids this form,
 * but all common mail programs write and read it. It accompanies a {@link parameter} with the same value in the right form.
 */
export function legacyParameter(name: string, value: string): string[] {
  const plain = plainParameter(name, value)
  if (plain) return plain
  const words = encodedWords(value, LONGEST - name.length - '=""'.length)
  words[0] = `${name}="${words[0]}`
  words[words.length - 1] += '"'
  return words
}

function plainParameter(name: string, value: string): string[] | undefined {
  if (TOKEN.test(value)) return name.length + 1 + value.length <= LONGEST ? [`${name}=${value}`] : undefined
  const isPlain = QUOTABLE.test(value) && !value.includes('=?') && value === value.trim() && value !== ''
  return isPlain && name.length + 3 + value.length <= LONGEST ? [`${name}="${value}"`] : undefined
}

function extendedParameter(name: string, value: string): string[] {
  const characters = Array.from(value.toWellFormed(), percentEncoded)
  const whole = `${name}*=${CHARSET}${characters.join('')}`
  if (whole.length <= LONGEST) return [whole]
  const sections: string[] = []
  let section = `${name}*0*=${CHARSET}`
  for (const character of characters) {
    if (section.length + character.length > LONGEST) {
      sections.push(`${section};`)
      section = `${name}*${sections.length}*=`
    }
    section += character
  }
  return [...sections, section]
}

function percentEncoded(character: string): string {
  if (ATTRIBUTE_CHARACTER.test(character)) return character
  return Buffer.from(character).toString('hex').toUpperCase().replace(/../g, '%$&')
}

function closed(words: readonly string[]): string[] {
  return words.map((word, index) => (index === words.length - 1 ? `${word};` : word))
}
