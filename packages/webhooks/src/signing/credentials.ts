import { configError } from '@loudmail/core/transport'
import { WebhookError } from '../webhook-error.ts'
import type { WebhookRequest } from '../webhook-source.ts'
import { isAnyEqual } from './equal.ts'
import { headerOf } from './header.ts'
import { secretsOf, type Secrets } from './secrets.ts'

/** HTTP basic authentication (RFC 7617): `https://user:password@` in the address that the provider calls. */
export interface BasicCredentials {
  /** The user name. */
  readonly user: string | undefined
  /** The password. Several while a new one replaces an old one. */
  readonly password: Secrets | undefined
}

/** A token in a header. */
export interface HeaderCredentials {
  /** The value of the header. Several while a new one replaces an old one. */
  readonly token: Secrets | undefined
  /** The name of the header. */
  readonly header: string
}

/** Throws if a request does not have the credentials. */
export type CheckCredentials = (request: WebhookRequest) => void

/** @throws MailError `config/missing-credentials` or `config/invalid-config` */
export function basicCredentials(
  owner: string,
  provider: string,
  { user, password }: BasicCredentials,
): CheckCredentials {
  const [name, ...others] = secretsOf(owner, 'user', user)
  if (others.length > 0) throw configError(`${owner} user must be one string: only password may be a list`)
  if (name!.includes(':')) throw configError(`${owner} user must not contain a colon`)
  const expected = secretsOf(owner, 'password', password).map((each) => `${name}:${each}`)
  return (request) => {
    const given = headerOf(request, 'authorization')
    const [, base64] = /^Basic +([A-Za-z\d+/=]+)$/i.exec(given ?? '') ?? []
    if (base64 === undefined) throw missing(provider, 'a user and a password')
    if (!isAnyEqual(Buffer.from(base64, 'base64').toString('utf8'), expected))
      throw wrong(provider, 'password')
  }
}

/** @throws MailError `config/missing-credentials` or `config/invalid-config` */
export function headerCredentials(
  owner: string,
  provider: string,
  { token, header }: HeaderCredentials,
): CheckCredentials {
  if (typeof header !== 'string' || !/^[\w-]+$/.test(header))
    throw configError(`${owner} header must be the name of a header`)
  const expected = tokensOf(owner, token)
  const name = header.toLowerCase()
  return (request) => {
    const given = headerOf(request, name)
    if (given === undefined) throw missing(provider, `the header ${header}`)
    if (!isAnyEqual(given, expected)) throw wrong(provider, 'token')
  }
}

/** A bearer token (RFC 6750). @throws MailError `config/missing-credentials` or `config/invalid-config` */
export function bearerCredentials(
  owner: string,
  provider: string,
  token: Secrets | undefined,
): CheckCredentials {
  const expected = tokensOf(owner, token)
  return (request) => {
    const [, given] = /^Bearer +(\S.*)$/i.exec(headerOf(request, 'authorization') ?? '') ?? []
    if (given === undefined) throw missing(provider, 'a bearer token')
    if (!isAnyEqual(given, expected)) throw wrong(provider, 'token')
  }
}

/** Other characters do not arrive as they were sent (RFC 9110 section 5.5). */
function tokensOf(owner: string, token: Secrets | undefined): readonly string[] {
  const tokens = secretsOf(owner, 'token', token)
  if (!tokens.every((each) => /^[ -~]+$/.test(each)))
    throw configError(
      `${owner} token may only have letters, digits and signs of ASCII: it is sent in a header`,
    )
  return tokens
}

function missing(provider: string, what: string): WebhookError {
  return new WebhookError(
    'unsigned',
    `the request does not have ${what}`,
    `Only ${provider} may call this address. If this was ${provider}, set the same there as here.`,
  )
}

function wrong(provider: string, option: string): WebhookError {
  return new WebhookError(
    'signature',
    `the credentials are not those of ${provider}`,
    `If this was ${provider}, set the same ${option} there as here.`,
  )
}
