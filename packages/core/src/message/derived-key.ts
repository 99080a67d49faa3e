import { createHash } from 'node:crypto'

/** The longest idempotency key that a message may have. */
export const MOST_KEY_LENGTH = 256

/** An idempotency key made from the one of a message. If it would be too long, it is made from a hash of that one. */
export function derivedKey(key: string, derive: (key: string) => string): string {
  const derived = derive(key)
  return derived.length <= MOST_KEY_LENGTH ? derived : derive(createHash('sha256').update(key).digest('hex'))
}
