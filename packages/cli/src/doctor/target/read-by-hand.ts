import { percentDecoded } from '../../terminal/percent-decoded.ts'

/** A URL whose parts are found without the rules of URLs. */
export interface ReadByHand {
  /** The same URL, as it should be written. */
  readonly url: string
  /** What was changed, in sentences. Not a character of the password is in them, but those that have to be encoded. */
  readonly changes: readonly string[]
}

/** Schemes of other programs, and what they are here. */
const SCHEMES: Readonly<Record<string, string>> = {
  smtp: 'smtp',
  smtps: 'smtps',
  lmtp: 'lmtp',
  ssl: 'smtps',
  tls: 'smtps',
  'smtp+ssl': 'smtps',
  'smtp+tls': 'smtps',
  'smtp+starttls': 'smtp',
  submission: 'smtp',
  submissions: 'smtps',
}
/** Host, port and parameters: everything after the user and the password. */
const TAIL = /^(?:\[[\da-f:.]+\]|[^\s:/?#@[\]]+)(?::\d{1,5})?\/?(?:\?[\w.]+=[^\s#]*)?$/i
/** The URL of a proxy among the parameters may have a password of its own. */
const PROXY = /[?&]proxy=[a-z\d]+:\/\/[^\s]*$/i

/**
 * Reads a URL as a person does: the last @ ends the password, whatever characters are in it. Undefined if it does not look
 * like the URL of a mail server.
 */
export function readByHand(text: string): ReadByHand | undefined {
  const changes: string[] = []
  let rest = text.trim()
  if (/[\t\r\n]/.test(rest)) {
    rest = rest.replaceAll(/\s*[\t\r\n]\s*/g, '')
    changes.push('Remove the line breaks and tabs from the URL.')
  }
  const found = /^(?:([a-z][a-z\d+]*):\/\/|(smtps?|lmtp):\/?(?!\/))/i.exec(rest)
  const given = (found?.[1] ?? found?.[2])?.toLowerCase()
  const scheme = given === undefined ? 'smtp' : SCHEMES[given]
  if (scheme === undefined) return undefined
  rest = rest.slice(found?.[0].length ?? 0)
  if (scheme !== given || found?.[2] !== undefined) changes.push(`Begin the URL with ${scheme}://.`)
  const at = endOfPassword(rest)
  const tail = rest.slice(at + 1)
  // Without a scheme, any word could be a host.
  if (!TAIL.test(tail) || (given === undefined && at < 0 && !/[.:]|^localhost$/i.test(tail))) return undefined
  if (at < 0) return { url: `${scheme}://${tail}`, changes }
  const [user, password] = splitAtColon(rest.slice(0, at))
  const encoded = [user, ...(password === undefined ? [] : [password])].map((part) =>
    encodeURIComponent(percentDecoded(part)),
  )
  const sentence = encodingSentence(user, password ?? '')
  if (sentence !== undefined) changes.push(sentence)
  return { url: `${scheme}://${encoded.join(':')}@${tail}`, changes }
}

function endOfPassword(rest: string): number {
  const last = rest.lastIndexOf('@')
  const proxy = PROXY.exec(rest)
  const before = proxy ? rest.lastIndexOf('@', proxy.index) : -1
  return before >= 0 || (proxy && !TAIL.test(rest.slice(last + 1))) ? before : last
}

function splitAtColon(text: string): [string, string | undefined] {
  const colon = text.indexOf(':')
  return colon < 0 ? [text, undefined] : [text.slice(0, colon), text.slice(colon + 1)]
}

function encodingSentence(user: string, password: string): string | undefined {
  const places = [
    ...rawCharacters(user).map((character) => ({ character, place: 'the user name' })),
    ...rawCharacters(password).map((character) => ({ character, place: 'the password' })),
  ]
  if (places.length === 0) return undefined
  const parts = ['the user name', 'the password'].flatMap((place) => {
    const own = places.filter((each) => each.place === place).map(({ character }) => named(character))
    return own.length === 0 ? [] : `${own.join(', ')} in ${place}`
  })
  return `Percent-encode ${parts.join(', and ')}. In code, encodeURIComponent() does it.`
}

/** What a URL cannot hold as it is. */
function rawCharacters(text: string): string[] {
  const isEncoded = percentDecoded(text) !== text
  const raw = text.match(isEncoded ? /[@:/?#\s[\]]/g : /[@:/?#\s[\]%]/g) ?? []
  return [...new Set(raw)]
}

function named(character: string): string {
  return `${character === ' ' ? 'a space' : character} as ${encodeURIComponent(character)}`
}
