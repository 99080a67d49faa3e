import { MailError } from '@loudmail/core'
import { configError, missingCredential, type Secrets } from '@loudmail/core/transport'
import type { Endpoint } from './api-options.ts'
import type { ProviderApi } from './provider-api.ts'

/**
 * Gives an access token for each call. `renew` says that the provider refused the last one. The functions of
 * `@loudmail/oauth2` are such functions.
 */
export type AccessTokenFunction = (ask: { readonly renew: boolean }) => Promise<string> | string

/** What a token may consist of, so that it can stand in a header field (RFC 6750 section 2.1). */
const TOKEN = /^[\x21-\x7E]+$/

/**
 * Who asks, by an access token (RFC 6750). Every token becomes a secret before it is used.
 *
 * @param owner how errors call the transport, such as `gmail()`
 * @throws MailError `config/invalid-config` or `config/missing-credentials`; the function that it returns throws
 * `auth/oauth-token` if there is no token
 */
export function bearer(
  owner: string,
  accessToken: unknown,
  secrets: Secrets,
  { timeouts }: Endpoint,
): ProviderApi<object>['authorize'] {
  if (accessToken === undefined || accessToken === null || accessToken === '')
    throw missingCredential(`${owner} accessToken is missing or empty`)
  if (typeof accessToken === 'string') {
    if (!TOKEN.test(accessToken))
      throw configError(
        `${owner} accessToken contains white space, a line break or a character that no token has`,
      )
    secrets.add(accessToken)
    return (_request, { renew }) => (renew ? undefined : headers(accessToken))
  }
  if (typeof accessToken !== 'function')
    throw configError(`${owner} accessToken must be a string or a function that fetches one`)
  const fetchToken = accessToken as AccessTokenFunction
  return async (_request, { renew }) => {
    const token = await fetched(fetchToken, renew, secrets, timeouts.submit)
    secrets.add(token)
    return headers(token)
  }
}

function headers(token: string): Readonly<Record<string, string>> {
  return { authorization: `Bearer ${token}` }
}

async function fetched(
  fetchToken: AccessTokenFunction,
  renew: boolean,
  secrets: Secrets,
  ms: number,
): Promise<string> {
  const late = Promise.withResolvers<never>()
  const { redact } = secrets
  const failure = (summary: string, more: object = {}): MailError =>
    new MailError({
      stage: 'auth',
      kind: 'oauth-token',
      summary: renew ? `the provider does not accept the access token, and ${summary}` : summary,
      redact,
      ...more,
    })
  const what = renew ? 'a new one' : 'the access token'
  const timer = setTimeout(
    () => late.reject(failure(`${what} did not come within ${ms} ms`, { permanence: 'transient' })),
    ms,
  )
  let token: unknown
  try {
    token = await Promise.race([(async () => fetchToken({ renew }))(), late.promise])
  } catch (cause) {
    if (MailError.is(cause) && cause.kind === 'oauth-token' && !renew) throw cause
    const { summary, permanence, hint, retryAfterMs } = MailError.is(cause) ? cause : {}
    const said = summary === undefined ? '' : `: ${summary}`
    throw failure(`${what} could not be fetched${said}`, { permanence, hint, retryAfterMs, cause })
  } finally {
    clearTimeout(timer)
  }
  if (typeof token === 'string' && TOKEN.test(token)) return token
  throw failure('the accessToken function returned no token')
}
