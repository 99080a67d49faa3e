import { percentDecoded } from './percent-decoded.ts'

/** The URL of a database may have it there. */
const PARAMETER = /[?&]password=([^&#\s]+)/g

/**
 * The passwords in a text that may be a URL, or several: as they are written, and decoded. A broken URL has its password
 * anywhere between the scheme and the last @.
 */
export function* urlSecrets(text: string): Generator<string> {
  // A password may have spaces and parentheses in it, but in an expression they separate.
  const parts = /^\s*[a-z]+\(/i.test(text) ? text.split(/[\s()]+/) : [text.trim()]
  for (const part of parts) yield* secretsIn(part)
  for (const [, password] of text.matchAll(PARAMETER)) yield* [password!, percentDecoded(password!)]
}

function* secretsIn(text: string): Generator<string> {
  const rest = text.replace(/^["']/, '').replace(/^(?:[a-z][a-z\d+]*:\/\/|(?:smtps?|lmtp):)/i, '')
  const proxy = /[?&]proxy=([^&]*)/.exec(rest)
  if (proxy) yield* secretsIn(percentDecoded(proxy[1]!))
  const ends = [rest.lastIndexOf('@'), proxy ? rest.lastIndexOf('@', proxy.index) : -1]
  for (const end of ends) {
    if (end < 0) continue
    const userinfo = rest.slice(0, end)
    const password = userinfo.slice(userinfo.indexOf(':') + 1)
    if (userinfo.includes(':')) yield* [password, percentDecoded(password), password.replaceAll(/\s/g, '')]
  }
  // A URL that was cut before its @ ends with a part of the password; a port is no password.
  const cut = /^(?!\[[\da-f:.]+\])[^:/?#@]+:(.+)$/i.exec(rest)
  if (ends[0]! < 0 && cut && !/^\d{1,5}(?:[/?#].*)?$/.test(cut[1]!)) yield* [cut[1]!, percentDecoded(cut[1]!)]
}
