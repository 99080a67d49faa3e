import { firstLineRoom } from './header-field.ts'
import { phraseWords } from './mailbox.ts'
import { unquoted } from './phrase-list.ts'
import { malformed, tokenWords } from './tokens.ts'

const PHRASE_AND_ID = /^([^<>]*)<([^<>]*)>$/
const VISIBLE = /^[!-~]+$/

/**
 * The value of List-ID as words to fold between: a phrase, if there is one, and the identifier in angle brackets (RFC
 * 2919 section 2). Only the phrase can be encoded.
 *
 * @throws MailError `compose/invalid-message` for characters beyond ASCII in the identifier
 */
export function listIdWords(name: string, value: string): string[] {
  const [, phrase, inside] = PHRASE_AND_ID.exec(value.trim()) ?? []
  if (phrase === undefined || inside === undefined) return tokenWords(name, value)
  const id = inside.trim()
  const ascii = VISIBLE.test(id) ? id : process.getBuiltinModule('node:url').domainToASCII(id)
  if (!VISIBLE.test(ascii))
    throw malformed(name, 'needs an identifier such as <list.example.com>, in ASCII and without blanks')
  const text = unquoted(phrase)
  return text === '' ? [`<${ascii}>`] : [...phraseWords(text, firstLineRoom(name)), `<${ascii}>`]
}
