import { PLACE } from '../failure/redact.ts'

/** Removes what looks like a credential from a text: in URLs, queries, forms, JSON and headers. Everything else stays. */
export function redactCredentials(text: string): string {
  let result = text
  if (text.includes('://')) result = result.replaceAll(AUTHORITY, withoutUser)
  if (!HINT.test(text)) return result
  return result
    .replaceAll(QUOTED_VALUE, `$1${PLACE}`)
    .replaceAll(ESCAPED_VALUE, `$1${PLACE}`)
    .replaceAll(QUERY_VALUE, `$1${PLACE}`)
    .replaceAll(NAMED_VALUE, `$1${PLACE}`)
    .replaceAll(AUTHORIZATION, `$1${PLACE}`)
    .replaceAll(SCHEME_VALUE, `$1${PLACE}`)
}

// No pattern begins with something that repeats, so that the time grows only linearly with the text.
const NAME = String.raw`(?:secret|token|password|passwd|passphrase|pwd|assertion|signature|(?<![a-z])(?:sig|pass)|(?:api|access|private)[-_ ]?key)`
const HINT = /secret|token|pass|pwd|assertion|sig|key|authorization|bearer|basic/i
/** `"password": "..."` and `password: '...'`. */
const QUOTED_VALUE = new RegExp(String.raw`(${NAME}["']?\s?[:=]\s?(["']))(?:(?!\2)[^\\]|\\[^])+`, 'gi')
/** The same, with escaped quotes. */
const ESCAPED_VALUE = new RegExp(String.raw`(${NAME}\\*["']?\s?[:=]\s?\\+["'])[^"']*[^"'\\]`, 'gi')
/** `client_secret=...` in a query, a form or an option. */
const QUERY_VALUE = new RegExp(String.raw`((?:${NAME}|[?&]key)=)(?![<"'])[^\s&"'<>;,()]+`, 'gi')
/** `x-api-key: ...`. After a colon, a word is a word; what has a digit may be a secret. */
const NAMED_VALUE = new RegExp(String.raw`(${NAME}: ?)(?=[^\s"'<>;,]{6})(?=[^\d\s]*\d)[^\s"'<>;,]+`, 'gi')
const AUTHORIZATION =
  /(\bauthorization(?:\\*["'])?\s?[:=]\s?(?:\\*["'])?(?:basic|bearer|token|apikey|digest|negotiate|ntlm|xoauth2)\s+)(?!<)[^\s"'<>;,\\]+/gi
/** Prose has words after these two; a credential has a digit. */
const SCHEME_VALUE = /(\b(?:bearer|basic)\s+)(?=[^\d\s]*\d)[\w.~+/=-]{8,}/gi

/** From :// on; the scheme is not part of it. */
const AUTHORITY = /(?<=(.?.?.?.?.?)):\/\/((?:(?!:\/\/)[^\s"'`<>])+)/g

function withoutUser(whole: string, scheme: string, rest: string): string {
  const end = endOfUser(rest, /(?:https?|wss?)$/i.test(scheme))
  return end < 0 ? whole : `://${PLACE}${rest.slice(end)}`
}

/** Where the @ after the user and password is; -1 if there are none. The password may not be encoded as it should. */
function endOfUser(rest: string, isWeb: boolean): number {
  const authority = /^[^/?#]*/.exec(rest)![0]
  const at = authority.lastIndexOf('@')
  if (
    at >= 0 &&
    /^(?:\[[\da-f:.]+\]|localhost|[^:]*\.[^:]*[^:.])(?::\d*)?\.?$/i.test(authority.slice(at + 1))
  )
    return at
  const last = rest.lastIndexOf('@')
  if (at >= 0) return last
  const password = /^[^/?#[\]:]*:(.*)$/.exec(authority)
  if (!password) return -1
  // A port, and then a path that may have an @.
  return isWeb && /^\d{0,5}$/.test(password[1]!) ? -1 : last
}
