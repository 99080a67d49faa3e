import { checkOptions, credential } from '@loudmail/core/transport'
import type { AccessToken } from './access-token.ts'
import { clientCredentialsGrant } from './grants.ts'
import { endpointOf, scopeOf, type RequestOptions } from './options.ts'

/** Who asks for a token, and where. */
export interface ClientCredentialsOptions extends RequestOptions {
  /** The token endpoint of the provider, `https://...`. */
  readonly tokenUrl: string | URL | undefined
  /** The id of the application. */
  readonly clientId: string | undefined
  /** The secret of the application. */
  readonly clientSecret: string | undefined
  /** What the token is for. Several scopes are separated by spaces. */
  readonly scope?: string | undefined
}

/**
 * Access tokens for a program that acts for itself (RFC 6749 section 4.4).
 *
 * @throws MailError `config/invalid-config` or `config/missing-credentials`, which names the option
 */
export function clientCredentials(options: ClientCredentialsOptions): AccessToken {
  const owner = 'clientCredentials()'
  checkOptions(options, owner, {
    tokenUrl: true,
    clientId: true,
    clientSecret: true,
    scope: true,
    timeoutMs: true,
  })
  const form = {
    client_id: credential(owner, 'clientId', options.clientId),
    client_secret: credential(owner, 'clientSecret', options.clientSecret),
  }
  const endpoint = endpointOf(owner, 'tokenUrl', options.tokenUrl, options)
  return clientCredentialsGrant(endpoint, () => form, scopeOf(owner, options.scope))
}
