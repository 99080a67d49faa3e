import { configError } from '@loudmail/core/transport'
import type { ApiOptions } from './api-options.ts'

/** What a URL such as `resend://key@` holds. */
export interface ApiUrl {
  /** Decoded; empty if there is none. */
  readonly user: string
  /** Decoded; empty if there is none. */
  readonly password: string
  /** Undefined if the URL ends after the credentials. */
  readonly host: string | undefined
  /** The query parameters of the provider, by name. */
  readonly parameters: Readonly<Record<string, string>>
  /** The options that every provider has, from the parameters `url` and `timeoutMs`. */
  readonly options: Pick<ApiOptions, 'url' | 'timeoutMs'>
}

/**
 * Reads the URL of a provider. Its credentials are percent-encoded.
 *
 * @param known the parameters of this provider: others are refused, so that a misspelled one is not silently ignored
 * @throws MailError `config/invalid-config` that does not repeat the URL
 */
export function readApiUrl(url: URL, known: readonly string[] = []): ApiUrl {
  if (url.hash !== '') throw wrong(url, 'has a fragment')
  if (url.port !== '') throw wrong(url, 'has a port')
  if (url.pathname.length > 1)
    throw wrong(url, 'has a path; a / in the credentials is percent-encoded as %2F')
  const { url: api, timeoutMs, ...parameters } = Object.fromEntries(url.searchParams)
  if (Object.keys(parameters).some((name) => !known.includes(name)))
    throw wrong(
      url,
      `has a parameter that is not known; it may have ${['url', 'timeoutMs', ...known].join(', ')}`,
    )
  return {
    user: decoded(url, url.username),
    password: decoded(url, url.password),
    host: url.hostname === '' || url.hostname === 'default' ? undefined : url.hostname,
    parameters,
    options: {
      ...(api !== undefined && { url: api }),
      ...(timeoutMs !== undefined && { timeoutMs: Number(timeoutMs) }),
    },
  }
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
