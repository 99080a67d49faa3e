import { encodedWords } from './encoded-word.ts'

/** A URL in angle brackets, a comment, a comma, or other text (RFC 2369 section 2). */
const ITEM = /<[^<>]*>|\((?:\\.|[^()\\])*\)|,|[^\s,<(]+|[<(]/g
const BARE_URL = /^[a-z][a-z0-9+.-]*:\S+$/i
const NOT_IN_URL = /[^!-~]/gu

/**
 * A list of URLs as words to fold between. A URL is never split; blanks and characters beyond ASCII in it are
 * percent-encoded. A URL without its angle brackets gets them, because mail programs ignore it otherwise.
 *
 * @see RFC 2369 section 2
 */
export function urlWords(value: string): string[] {
  const words: string[] = []
  for (const [item] of value.matchAll(ITEM)) {
    if (item === ',' && words.length > 0) words[words.length - 1] += ','
    else if (item !== ',') words.push(...itemWords(item))
  }
  return words
}

function itemWords(item: string): string[] {
  if (item.startsWith('<') && item.length > 1) return [`<${percentEncoded(item.slice(1, -1).trim())}>`]
  if (BARE_URL.test(item)) return [`<${percentEncoded(item)}>`]
  if (!/[^ -~]/.test(item)) return [item]
  // Within a comment, encoded-words are allowed (RFC 2047 section 5).
  return item.startsWith('(')
    ? encodedWords(item.slice(1, -1)).map((word, index, { length }) => {
        return `${index === 0 ? '(' : ''}${word}${index === length - 1 ? ')' : ''}`
      })
    : [percentEncoded(item)]
}

function percentEncoded(url: string): string {
  return url
    .toWellFormed()
    .replace(NOT_IN_URL, (character) =>
      Buffer.from(character).toString('hex').toUpperCase().replace(/../g, '%$&'),
    )
}
