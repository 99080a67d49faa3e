import { checkOptions, credential } from '@loudmail/core/transport'
import type { AccessToken } from './access-token.ts'
import { refreshTokenGrant } from './grants.ts'
import {
  callbackOf,
  endpointOf,
  optionalCredential,
  scopeOf,
  type OnRefreshToken,
  type RequestOptions,
} from './options.ts'

/** Who asks for a token, and where. */
export interface RefreshTokenOptions extends RequestOptions {
  /** The token endpoint of the provider, `https://...`. */
  readonly tokenUrl: string | URL | undefined
  /** The id of the application. */
  readonly clientId: string | undefined
  /** Public clients have none. */
  readonly clientSecret?: string | undefined
  /** The refresh token that the user's consent gave. */
  readonly refreshToken: string | undefined
  /** What the token is for, separated by blanks. @default what the refresh token is for */
  readonly scope?: string | undefined
  /**
   * Is called with every new refresh token, so that the program can store it. The mail waits for it, but not longer than
   * `timeoutMs`. If it throws or rejects, a process warning says so.
   */
  readonly onRefreshToken?: OnRefreshToken | undefined
}

/**
 * Access tokens for a user who has signed in once (RFC 6749 section 6).
 *
 * @throws MailError `config/invalid-config` or `config/missing-credentials`, which names the option
 */
export function refreshToken(options: RefreshTokenOptions): AccessToken {
  const owner = 'refreshToken()'
  checkOptions(options, owner, {
    tokenUrl: true,
    clientId: true,
    clientSecret: true,
    refreshToken: true,
    scope: true,
    onRefreshToken: true,
    timeoutMs: true,
  })
  const form = {
    client_id: credential(owner, 'clientId', options.clientId),
    client_secret: optionalCredential(owner, 'clientSecret', options.clientSecret),
  }
  return refreshTokenGrant(
    endpointOf(owner, 'tokenUrl', options.tokenUrl, options),
    () => form,
    credential(owner, 'refreshToken', options.refreshToken),
    scopeOf(owner, options.scope),
    callbackOf(owner, options.onRefreshToken),
  )
}
