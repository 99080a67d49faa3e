import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Subscription } from './subscription.ts'

/** The first octet of a token. Another form of token gets another one. */
const VERSION = 1
/** Keeps what is signed here apart from what else a program signs with the same secret. */
const PURPOSE = 'loudmail unsubscribe\0'
/** Octets of HMAC-SHA256 (RFC 2104). */
const MAC = 32

/**
 * A token in base64url without padding (RFC 4648 section 5): version, length of the address, address, list, and the HMAC of
 * all of these.
 */
export function writeToken({ address, list }: Subscription, secret: string): string {
  const octets = Buffer.from(address)
  const content = Buffer.concat([Buffer.from([VERSION, octets.length]), octets, Buffer.from(list)])
  return Buffer.concat([content, macOf(content, secret)]).toString('base64url')
}

/** Undefined for everything that was not written here with one of the secrets. Why is not told. */
export function readToken(token: string | undefined, secrets: readonly string[]): Subscription | undefined {
  if (token === undefined) return undefined
  const octets = Buffer.from(token, 'base64url')
  // The last character may have bits that count for nothing: each token has one spelling.
  if (octets.length <= MAC || octets.toString('base64url') !== token) return undefined
  const content = octets.subarray(0, -MAC)
  const mac = octets.subarray(-MAC)
  // All are compared, so that the time does not tell which one it is.
  const isGenuine = secrets.map((secret) => timingSafeEqual(mac, macOf(content, secret))).includes(true)
  if (!isGenuine || content[0] !== VERSION) return undefined
  const end = 2 + content[1]!
  return { address: content.toString('utf8', 2, end), list: content.toString('utf8', end) }
}

function macOf(content: Buffer, secret: string): Buffer {
  return createHmac('sha256', secret).update(PURPOSE).update(content).digest()
}
