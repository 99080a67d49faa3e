import { callSafely, redactor } from '@loudmail/core/transport'
import { cached, type AccessToken } from './access-token.ts'
import type { Endpoint, OnRefreshToken } from './options.ts'
import type { Form } from './post-form.ts'
import { requestToken } from './request-token.ts'

/** Who asks: `client_id` with a secret or a signed assertion, which is made anew for each request. */
export type Client = () => Form

/** RFC 6749 section 4.4. */
export function clientCredentialsGrant(
  endpoint: Endpoint,
  client: Client,
  scope: string | undefined,
): AccessToken {
  return cached(() => requestToken(endpoint, { grant_type: 'client_credentials', ...client(), scope }))
}

/** RFC 7523 section 2.1. */
export function jwtBearerGrant(endpoint: Endpoint, assertion: () => string): AccessToken {
  const grantType = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
  return cached(() => requestToken(endpoint, { grant_type: grantType, assertion: assertion() }))
}

/** RFC 6749 section 6. If the answer contains a new refresh token, that one counts from then on. */
export function refreshTokenGrant(
  endpoint: Endpoint,
  client: Client,
  first: string,
  scope: string | undefined,
  onRefreshToken: OnRefreshToken | undefined,
): AccessToken {
  let refreshToken = first
  return cached(async () => {
    const form = { grant_type: 'refresh_token', refresh_token: refreshToken, ...client(), scope }
    const answer = await requestToken(endpoint, form)
    if (answer.refreshToken !== undefined && answer.refreshToken !== refreshToken) {
      refreshToken = answer.refreshToken
      if (onRefreshToken) await store(refreshToken, onRefreshToken, endpoint.timeoutMs)
    }
    return answer
  })
}

/**
 * Waits until the program has stored the token: the one before may be void already. But a program that cannot store it, or
 * takes too long, does not stop the mail.
 */
async function store(refreshToken: string, onRefreshToken: OnRefreshToken, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise((resolve) => (timer = setTimeout(resolve, timeoutMs)))
  const redact = redactor([refreshToken])
  const stored = callSafely('onRefreshToken', async () => {
    try {
      await onRefreshToken(refreshToken)
    } catch (error) {
      // The error of a database may repeat what was to be stored.
      throw redact(String(error))
    }
  })
  await Promise.race([stored, late])
  clearTimeout(timer)
}
