import { configError } from '@loudmail/core/transport'

/** What a URL such as `resend://key@` holds. */
export interface ApiUrl {
  /** Decoded; empty if there is none. */
  readonly user: string
  /** Decoded; empty if there is none. */
  readonly password: string
  /** Undefined if the URL ends after the credentials. */
  readonly host: string | undefined
  /** Without the slash in front, decoded. */
  readonly path: string
  /** The query parameters, by name. */
  readonly parameters: Readonly<Record<string, string>>
}

/**
 * Reads the URL of a provider. Its credentials are percent-encoded.
 *
 * @throws MailError `config/invalid-config` that does not repeat the URL
 */
export function readApiUrl(url: URL): ApiUrl {
  if (url.hash !== '') throw wrong(url, 'has a fragment')
  if (url.port !== '') throw wrong(url, 'has a port')
  const host = url.hostname === '' || url.hostname === 'default' ? undefined : url.hostname
  return {
    user: decoded(url, url.username),
    password: decoded(url, url.password),
    host,
    path: decoded(url, url.pathname.slice(1)),
    parameters: Object.fromEntries(url.searchParams),
  }
}

/**
 * Refuses query parameters that do not exist, so that a misspelled one is not silently ignored.
 *
 * @throws MailError `config/invalid-config`
 */
export function checkParameters(url: URL, known: readonly string[]): void {
  const stranger = [...url.searchParams.keys()].find((name) => !known.includes(name))
  if (stranger === undefined) return
  const all = known.length === 0 ? 'none' : known.join(', ')
  throw wrong(url, `has a parameter that is not known; it may have: ${all}`)
}

function decoded(url: URL, text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw wrong(url, 'has a % that is not followed by two hexadecimal digits: percent-encode it')
  }
}

function wrong({ protocol }: URL, what: string): Error {
  return configError(`the ${protocol}// URL ${what}`)
}
