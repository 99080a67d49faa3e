import { firstLineRoom } from './header-field.ts'
import { phraseWords } from './mailbox.ts'

/** A phrase up to its comma, which does not count within quotes. */
const PHRASE = /(?:[^,"]|"(?:[^"\\]|\\.)*"?)+/g
const QUOTED = /^"((?:[^"\\]|\\.)*)"$/

/** Phrases between commas, as in Keywords (RFC 5322 section 3.6.5), as words to fold between. */
export function phraseListWords(name: string, value: string): string[] {
  const phrases = value.match(PHRASE)?.map(unquoted).filter(Boolean) ?? []
  return phrases.flatMap((phrase, index) => {
    const words = phraseWords(phrase, index === 0 ? firstLineRoom(name) : undefined)
    if (index < phrases.length - 1) words[words.length - 1] += ','
    return words
  })
}

/** A phrase without the quotes around it. */
export function unquoted(phrase: string): string {
  const trimmed = phrase.trim()
  return QUOTED.exec(trimmed)?.[1]?.replaceAll(/\\(.)/g, '$1') ?? trimmed
}
