import { percentDecoded } from './percent-decoded.ts'

/** Schemes of which the user name is not a secret. Those of providers may have a key in its place. */
const PLAIN_USER = /^(?:smtps?|lmtp|https?|socks[45]?[ah]?|postgres(?:ql)?)$/i

/** Blanks are not encoded either. A colon after the host, or in a sentence behind a URL, is none of a password. */
const WITH_BLANKS = /([a-z][a-z\d+.-]*):\/\/([^\s/?#:@]*:(?!\d{1,5}[/?#\s]).*)@/gis

/** The URL of a database may have it there. */
const PARAMETER = /[?&]password=([^&#\s]+)/g

/**
 * The passwords and keys in the URLs of a command line, as they are and decoded. Whatever stands between the first colon and
 * the last `@` is taken for the password, also if it is not encoded.
 */
export function passwordsIn(args: readonly string[]): string[] {
  return args.flatMap((arg) => {
    const userInfos = [
      ...arg.matchAll(/([a-z][a-z\d+.-]*):\/\/(\S*)@/gi),
      ...arg.matchAll(WITH_BLANKS),
    ].flatMap(([, scheme, userInfo]) => {
      const colon = userInfo!.indexOf(':')
      return colon < 0 && PLAIN_USER.test(scheme!) ? [] : [userInfo!.slice(colon + 1)]
    })
    const parameters = [...arg.matchAll(PARAMETER)].map(([, password]) => password!)
    return [...userInfos, ...parameters].flatMap((secret) => [secret, percentDecoded(secret)])
  })
}
