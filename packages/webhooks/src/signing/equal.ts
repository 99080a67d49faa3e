import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/** Compares two texts in constant time: their digests are compared, so that the time does not tell their lengths either. */
function isEqual(one: string, other: string): boolean {
  return timingSafeEqual(digest(one), digest(other))
}

/** Whether any of them is equal. All are compared, so that the time does not tell which one. */
export function isAnyEqual(given: string, expected: readonly string[]): boolean {
  return expected.map((each) => isEqual(given, each)).includes(true)
}

/** HMAC-SHA256 (RFC 2104) of the parts, one after the other. */
export function hmac(
  key: Uint8Array | string,
  parts: readonly (string | Uint8Array)[],
  as: 'base64' | 'hex',
): string {
  const mac = createHmac('sha256', key)
  for (const part of parts) mac.update(part)
  return mac.digest(as)
}

/** SHA-256 in hex: names a body without keeping it. */
export function fingerprint(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('hex')
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
