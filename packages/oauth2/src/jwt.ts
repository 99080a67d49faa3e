import { constants, createPrivateKey, sign, type KeyObject } from 'node:crypto'
import { configError } from '@loudmail/core/transport'

/** Clocks differ a little: a request is valid from half a minute ago, for ten minutes. */
const EARLIER_SECONDS = 30
const VALID_SECONDS = 600

/** A signed JWT (RFC 7519) with the claims and its times. RS256 is PKCS #1 v1.5, PS256 is PSS (RFC 7518). */
export function signedJwt(
  alg: 'RS256' | 'PS256',
  key: KeyObject,
  header: Readonly<Record<string, string>>,
  claims: Readonly<Record<string, string | undefined>>,
): string {
  const now = Math.floor(Date.now() / 1_000)
  const times = { iat: now - EARLIER_SECONDS, exp: now + VALID_SECONDS }
  const signed = `${base64url({ alg, typ: 'JWT', ...header })}.${base64url({ ...claims, ...times })}`
  const padding = alg === 'PS256' ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING
  const saltLength = alg === 'PS256' ? constants.RSA_PSS_SALTLEN_DIGEST : undefined
  const signature = sign('sha256', Buffer.from(signed), {
    key,
    padding,
    ...(saltLength !== undefined && { saltLength }),
  })
  return `${signed}.${signature.toString('base64url')}`
}

function base64url(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

/** @throws MailError `config/invalid-config`, without the cause, which may show the key */
export function rsaKey(owner: string, name: string, pem: unknown): KeyObject {
  let key: KeyObject | undefined
  try {
    // In an environment variable, line breaks are often written as \n.
    key = createPrivateKey(String(pem).replaceAll(String.raw`\n`, '\n'))
  } catch {
    key = undefined
  }
  if (key?.asymmetricKeyType !== 'rsa')
    throw configError(`${owner} ${name} must be an RSA private key as PEM, without a passphrase`)
  return key
}
