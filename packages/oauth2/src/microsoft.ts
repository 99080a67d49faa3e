import { randomUUID, X509Certificate } from 'node:crypto'
import { checkOptions, configError, credential, missingCredential, secureUrl } from '@loudmail/core/transport'
import type { AccessToken } from './access-token.ts'
import { clientCredentialsGrant, refreshTokenGrant, type Client } from './grants.ts'
import { rsaKey, signedJwt } from './jwt.ts'
import {
  callbackOf,
  endpointOf,
  optionalCredential,
  scopeOf,
  type OnRefreshToken,
  type RequestOptions,
} from './options.ts'

/** A certificate that was uploaded to the app registration, and its key, as PEM. */
interface ClientCertificate {
  /** The certificate in PEM. */
  readonly cert: string | undefined
  /** Its private key in PEM. */
  readonly key: string | undefined
}

/** Who asks Microsoft for a token. */
export interface MicrosoftOptions extends RequestOptions {
  /** The Directory (tenant) ID or a domain of the organization; `consumers` for outlook.com with a refresh token. */
  readonly tenant: string | undefined
  /** The Application (client) ID of the app registration. */
  readonly clientId: string | undefined
  /** The Value of a client secret of the app registration, not its ID. */
  readonly clientSecret?: string | undefined
  /** Instead of `clientSecret`. */
  readonly certificate?: ClientCertificate | undefined
  /** Of a user who has signed in. Without it, the app acts for itself (client credentials). */
  readonly refreshToken?: string | undefined
  /** Is called with every new refresh token, so that the program can store it. */
  readonly onRefreshToken?: OnRefreshToken | undefined
  /**
   * What the token is for. For `microsoftGraph()` it is `https://graph.microsoft.com/.default`, with a refresh token
   * `https://graph.microsoft.com/Mail.Send offline_access`.
   *
   * @default `https://outlook.office365.com/.default`, with a refresh token `https://outlook.office.com/SMTP.Send offline_access`
   */
  readonly scope?: string | undefined
  /** Of a national cloud. @default 'https://login.microsoftonline.com' */
  readonly authority?: string | URL | undefined
}

const OWNER = 'microsoft()'
const APP_SCOPE = 'https://outlook.office365.com/.default'
const USER_SCOPE = 'https://outlook.office.com/SMTP.Send offline_access'
const SHARED_TENANTS = ['common', 'organizations', 'consumers']

/**
 * Access tokens for SMTP of Microsoft 365 and outlook.com, or with another `scope` for Microsoft Graph.
 *
 * @throws MailError `config/invalid-config` or `config/missing-credentials`, which names the option
 */
export function microsoft(options: MicrosoftOptions): AccessToken {
  checkOptions(options, OWNER, {
    tenant: true,
    clientId: true,
    clientSecret: true,
    certificate: true,
    refreshToken: true,
    onRefreshToken: true,
    scope: true,
    authority: true,
    timeoutMs: true,
  })
  const refreshToken = optionalCredential(OWNER, 'refreshToken', options.refreshToken)
  const onRefreshToken = callbackOf(OWNER, options.onRefreshToken)
  const scope = scopeOf(OWNER, options.scope)
  const { authority = 'https://login.microsoftonline.com' } = options
  const base = secureUrl(OWNER, 'authority', authority).href.replace(/\/*$/, '')
  const tenant = tenantOf(options.tenant, refreshToken !== undefined)
  const endpoint = endpointOf(OWNER, 'authority', `${base}/${tenant}/oauth2/v2.0/token`, options)
  const client = clientOf(options, endpoint.url.href)
  if (refreshToken !== undefined)
    return refreshTokenGrant(endpoint, client, refreshToken, scope ?? USER_SCOPE, onRefreshToken)
  if (onRefreshToken) throw configError(`${OWNER} onRefreshToken needs refreshToken`)
  if (options.clientSecret === undefined && options.certificate === undefined)
    throw missingCredential(`${OWNER} needs clientSecret, certificate or refreshToken`)
  return clientCredentialsGrant(endpoint, client, scope ?? APP_SCOPE)
}

function tenantOf(given: unknown, hasUser: boolean): string {
  const value = credential(OWNER, 'tenant', given)
  if (!/^[\w.-]+$/.test(value))
    throw configError(`${OWNER} tenant must be the Directory (tenant) ID or a domain of the organization`)
  if (!hasUser && SHARED_TENANTS.includes(value)) {
    throw configError(
      `${OWNER} tenant must be the ID of one organization: without a refreshToken, no user says which one`,
    )
  }
  return value
}

function clientOf(options: MicrosoftOptions, audience: string): Client {
  const id = credential(OWNER, 'clientId', options.clientId)
  const secret = optionalCredential(OWNER, 'clientSecret', options.clientSecret)
  if (options.certificate === undefined) return () => ({ client_id: id, client_secret: secret })
  if (secret !== undefined) throw configError(`${OWNER} accepts clientSecret or certificate, not both`)
  const { key, thumbprint } = pairOf(options.certificate)
  return () => ({
    client_id: id,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: signedJwt(
      'PS256',
      key,
      { 'x5t#S256': thumbprint },
      { aud: audience, iss: id, sub: id, jti: randomUUID() },
    ),
  })
}

function pairOf(certificate: ClientCertificate): { key: ReturnType<typeof rsaKey>; thumbprint: string } {
  checkOptions(certificate, `${OWNER} certificate`, { cert: true, key: true })
  for (const name of ['cert', 'key'] as const)
    if (!certificate[name]) throw missingCredential(`${OWNER} certificate.${name} is missing or empty`)
  const key = rsaKey(OWNER, 'certificate.key', certificate.key)
  let cert: X509Certificate
  try {
    cert = new X509Certificate(String(certificate.cert).replaceAll(String.raw`\n`, '\n'))
  } catch {
    throw configError(`${OWNER} certificate.cert must be a certificate as PEM`)
  }
  if (!cert.checkPrivateKey(key))
    throw configError(`${OWNER} certificate.key does not belong to certificate.cert`)
  const thumbprint = Buffer.from(cert.fingerprint256.replaceAll(':', ''), 'hex').toString('base64url')
  return { key, thumbprint }
}
