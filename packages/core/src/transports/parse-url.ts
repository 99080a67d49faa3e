import { configError } from '../failure/config-error.ts'

/** For a user name or a password. It names no character that is really in one. */
export const PERCENT_ENCODE =
  'must be percent-encoded (encodeURIComponent): at least the characters @ : / ? # % and spaces in them'

/**
 * Parses a URL that may contain a password.
 *
 * @param what how errors call it
 * @throws MailError `config/invalid-config` that does not repeat the URL
 */
export function parseUrl(text: string, what: string): URL {
  if (text.trim() === '')
    throw configError(`${what} is empty: is the environment variable that it comes from set?`)
  // `new URL` would leave these out.
  if (/[\t\r\n]/.test(text.trim()))
    throw configError(`${what} contains a line break or a tab: user and password ${PERCENT_ENCODE}`)
  // The error of `new URL` contains the input, so it is not used.
  if (URL.canParse(text)) return new URL(text)
  throw configError(
    text.includes('@')
      ? `${what} cannot be read: user and password ${PERCENT_ENCODE}. It has the form smtp://user:password@mail.example.com:587, with a port of at most 65535`
      : `${what} cannot be read: expected a URL such as smtp://mail.example.com:587, with a port of at most 65535; a user and a password in it ${PERCENT_ENCODE}`,
  )
}

/** Says which scheme a URL has. In `user:password` there is none. */
export function schemeSeen(url: URL, what: string): string {
  const scheme = url.protocol.slice(0, -1)
  return /^(?:$|[/?])/.test(url.href.slice(url.protocol.length)) && scheme.length <= 30
    ? `${what} has the scheme ${scheme}`
    : `${what} does not begin with a scheme`
}
