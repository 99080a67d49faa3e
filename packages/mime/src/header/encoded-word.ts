import { FOLD_AT } from './header-field.ts'

/** An encoded-word is at most 75 characters long (RFC 2047 section 2). */
const LONGEST_WORD = FOLD_AT - 1
const AROUND = '=?utf-8?Q??='.length
/** The longest encoding of one character: four octets of three characters each. */
const LONGEST_CHARACTER = 12

/** Characters that the Q encoding leaves as they are wherever an encoded-word may be, even in a phrase (RFC 2047 section 5). */
const SAFE = /[A-Za-z0-9!*+\-/ ]/g
const UNSAFE = /[^A-Za-z0-9!*+\-/ ]/gu

/**
 * A text as encoded-words in UTF-8 (RFC 2047), in Q or B, whichever is shorter, and never split inside a character. The
 * first is at most `room` characters long if one character fits in there. Lone surrogates become U+FFFD.
 */
export function encodedWords(text: string, room: number = LONGEST_WORD): string[] {
  const wellFormed = text.toWellFormed()
  const octets = Buffer.byteLength(wellFormed)
  const safe = wellFormed.match(SAFE)?.length ?? 0
  const inQ = safe + (octets - safe) * 3 <= Math.ceil(octets / 3) * 4
  const encode = inQ ? encodeQ : encodeB
  const lengthOf = inQ ? lengthInQ : lengthInOctets
  const words: string[] = []
  let limit = limitFor(room, inQ)
  let pending = ''
  let length = 0
  for (const character of wellFormed) {
    const more = lengthOf(character)
    if (length + more > limit) {
      words.push(encode(pending))
      pending = ''
      length = 0
      limit = limitFor(LONGEST_WORD, inQ)
    }
    pending += character
    length += more
  }
  words.push(encode(pending))
  return words
}

/** How many Q characters, or octets before base64, fit into a word of `room` characters. */
function limitFor(room: number, inQ: boolean): number {
  const usable = room < AROUND + LONGEST_CHARACTER ? LONGEST_WORD : Math.min(room, LONGEST_WORD)
  return inQ ? usable - AROUND : Math.floor((usable - AROUND) / 4) * 3
}

function lengthInQ(character: string): number {
  return character.search(SAFE) === 0 ? 1 : Buffer.byteLength(character) * 3
}

function lengthInOctets(character: string): number {
  return Buffer.byteLength(character)
}

function encodeQ(text: string): string {
  const encoded = text.replace(UNSAFE, (character) =>
    Buffer.from(character).toString('hex').toUpperCase().replace(/../g, '=$&'),
  )
  return `=?utf-8?Q?${encoded.replaceAll(' ', '_')}?=`
}

function encodeB(text: string): string {
  return `=?utf-8?B?${Buffer.from(text).toString('base64')}?=`
}
