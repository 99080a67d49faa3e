import { encodedWords } from './encoded-word.ts'
import { malformed } from './tokens.ts'

/** A comment may contain comments (RFC 5322 section 3.2.2); here, one level of them. */
const COMMENT = String.raw`\((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*\)`
const SCHEME = '[a-z][a-z\\d+.-]*:'
/** White space, `<url>`, `(comment)`, a comma, or a word without brackets, which may contain commas as URLs do. */
const PIECE = new RegExp(
  `\\s+|<([^<>]*)>|(${COMMENT})|,|([^\\s<>(),][^\\s<>]*?)(?=\\s|<|$|,(?:\\s|<|$|${SCHEME}))`,
  'iy',
)
const STARTS_AS_URL = new RegExp(`^${SCHEME}`, 'i')
const PRINTABLE = /^[ -~]*$/
const HOST = /^((?:[a-z][a-z\d+.-]*:\/\/(?:[^/?#@]*@)?|mailto:[^?,@]*@))([^/?#:@,]+)/i

/**
 * A list of URLs, as in List-Unsubscribe (RFC 2369 section 2), as words to fold between: each `<url>` is one word and is
 * never split. In a URL, what is not visible ASCII is percent-encoded (RFC 3986 section 2.1), and the host becomes
 * Punycode. A URL without angle brackets gets them. Comments and words such as `NO` stay.
 *
 * @throws MailError `compose/invalid-message` if an angle bracket or a parenthesis is not closed, or a word is not ASCII
 */
export function urlListWords(name: string, value: string): string[] {
  const words: string[] = []
  PIECE.lastIndex = 0
  for (let at = 0; at < value.length; at = PIECE.lastIndex) {
    const found = PIECE.exec(value)
    if (!found) throw notUrls(name)
    const [whole, url, comment, word] = found
    if (url !== undefined) words.push(`<${encodedUrl(url.trim())}>`)
    else if (comment !== undefined) words.push(...commentWords(comment))
    else if (word !== undefined) words.push(wordOrUrl(name, word))
    else if (whole === ',' && words.length > 0 && !words.at(-1)!.endsWith(',')) words[words.length - 1] += ','
  }
  const last = words.at(-1)
  if (last === undefined) throw notUrls(name)
  words[words.length - 1] = last.endsWith(',') ? last.slice(0, -1) : last
  return words
}

function wordOrUrl(name: string, word: string): string {
  if (STARTS_AS_URL.test(word)) return `<${encodedUrl(word)}>`
  if (!PRINTABLE.test(word)) throw notUrls(name)
  return word
}

function encodedUrl(url: string): string {
  if (/^[!-~]*$/.test(url)) return url
  const withHost = url.replace(HOST, (whole, before: string, host: string) => {
    const ascii = PRINTABLE.test(host) ? '' : process.getBuiltinModule('node:url').domainToASCII(host)
    return ascii === '' ? whole : before + ascii
  })
  return withHost.toWellFormed().replace(/[^!-~]+/g, encodeURIComponent)
}

/** A comment is the only part that can hold encoded-words (RFC 2047 section 5). */
function commentWords(comment: string): string[] {
  return PRINTABLE.test(comment) ? comment.split(' ') : ['(', ...encodedWords(comment.slice(1, -1)), ')']
}

function notUrls(name: string): Error {
  const example = '<https://example.com/u?id=1>, <mailto:leave@example.com>'
  return malformed(
    name,
    'is not a list of URLs in angle brackets (RFC 2369)',
    `Write it as ${name}: ${example}`,
  )
}
