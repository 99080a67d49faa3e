import { checkOptions, configError, credential, missingCredential } from '@loudmail/core/transport'
import type { AccessToken } from './access-token.ts'
import { jwtBearerGrant, refreshTokenGrant } from './grants.ts'
import { rsaKey, signedJwt } from './jwt.ts'
import {
  callbackOf,
  endpointOf,
  scopeOf,
  type Endpoint,
  type OnRefreshToken,
  type RequestOptions,
} from './options.ts'

/** The parts of a service account's key file that are used. */
interface ServiceAccount {
  /** The address of the service account. */
  readonly client_email: string
  /** Its private key in PEM. */
  readonly private_key: string
}

/** Who asks Google for a token. */
export interface GoogleOptions extends RequestOptions {
  /** The key file of a service account: its JSON as text, or what JSON.parse makes of it. Needs `subject`. */
  readonly serviceAccount?: string | ServiceAccount | undefined
  /** The mailbox that the service account sends from, by domain-wide delegation. The same as `auth.user`. */
  readonly subject?: string | undefined
  /** Of an OAuth client, with `clientSecret` and `refreshToken`, for a user who has signed in. */
  readonly clientId?: string | undefined
  /** The secret of the OAuth client. */
  readonly clientSecret?: string | undefined
  /** The refresh token that the user's consent gave. */
  readonly refreshToken?: string | undefined
  /** Is called with every new refresh token, so that the program can store it. */
  readonly onRefreshToken?: OnRefreshToken | undefined
  /** What the token is for: `https://www.googleapis.com/auth/gmail.send` for `gmail()`. @default 'https://mail.google.com/', with a refresh token what the user agreed to */
  readonly scope?: string | undefined
  /** @default 'https://oauth2.googleapis.com/token' */
  readonly tokenUrl?: string | URL | undefined
}

const OWNER = 'google()'

/**
 * Access tokens for SMTP of Gmail and Google Workspace, or with another `scope` for the Gmail API: for a service account, or for
 * a user who has signed in.
 *
 * @throws MailError `config/invalid-config` or `config/missing-credentials`, which names the option
 */
export function google(options: GoogleOptions): AccessToken {
  checkOptions(options, OWNER, {
    serviceAccount: true,
    subject: true,
    clientId: true,
    clientSecret: true,
    refreshToken: true,
    onRefreshToken: true,
    scope: true,
    tokenUrl: true,
    timeoutMs: true,
  })
  const { tokenUrl = 'https://oauth2.googleapis.com/token' } = options
  const endpoint = endpointOf(OWNER, 'tokenUrl', tokenUrl, options)
  const scope = scopeOf(OWNER, options.scope)
  const { serviceAccount, subject, clientId, clientSecret, refreshToken, onRefreshToken } = options
  const ofUser = Object.entries({ clientId, clientSecret, refreshToken, onRefreshToken })
  const given = ofUser.find(([, value]) => value !== undefined)
  if (serviceAccount !== undefined || subject !== undefined) {
    if (given) throw configError(`${OWNER} accepts serviceAccount or ${given[0]}, not both`)
    return forServiceAccount(endpoint, serviceAccount, subject, scope ?? 'https://mail.google.com/')
  }
  if (!given)
    throw missingCredential(`${OWNER} needs serviceAccount with subject, or clientId with refreshToken`)
  const form = {
    client_id: credential(OWNER, 'clientId', clientId),
    client_secret: credential(OWNER, 'clientSecret', clientSecret),
  }
  const token = credential(OWNER, 'refreshToken', refreshToken)
  // The scope of a refresh token is the one that the user agreed to.
  return refreshTokenGrant(endpoint, () => form, token, scope, callbackOf(OWNER, onRefreshToken))
}

function forServiceAccount(
  endpoint: Endpoint,
  account: unknown,
  subject: unknown,
  scope: string,
): AccessToken {
  const { client_email: email, private_key: pem } = keyFileOf(account)
  const issuer = credential(OWNER, 'serviceAccount.client_email', email)
  if (pem === undefined || pem === '')
    throw missingCredential(`${OWNER} serviceAccount.private_key is missing or empty`)
  const key = rsaKey(OWNER, 'serviceAccount.private_key', pem)
  const mailbox = credential(OWNER, 'subject', subject)
  if (!mailbox.includes('@')) throw configError(`${OWNER} subject must be the address of the mailbox`)
  const claims = { iss: issuer, sub: mailbox, scope, aud: endpoint.url.href }
  return jwtBearerGrant(endpoint, () => signedJwt('RS256', key, {}, claims))
}

function keyFileOf(account: unknown): Partial<Record<keyof ServiceAccount, unknown>> {
  if (account === undefined || account === '')
    throw missingCredential(`${OWNER} serviceAccount is missing or empty`)
  let value = account
  if (typeof account === 'string') {
    try {
      value = JSON.parse(account)
    } catch {
      // The error shows a part of the file.
      throw configError(`${OWNER} serviceAccount must be the JSON of a key file, not its path`)
    }
  }
  if (typeof value !== 'object' || value === null)
    throw configError(`${OWNER} serviceAccount must be the JSON of a key file`)
  return value
}
