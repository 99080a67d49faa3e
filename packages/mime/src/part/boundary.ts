import { randomUUID } from 'node:crypto'

let letter = 0

/**
 * A new multipart boundary (RFC 2046 section 5.1.1). `=_` is in no base64 and no quoted-printable text (RFC 2045 section
 * 6.7), so only parts in 7bit and 8bit could hold it; no boundary of a message begins with another one.
 */
export function newBoundary(): string {
  letter = (letter + 1) % 26
  return `=_${String.fromCharCode(97 + letter)}_${randomUUID()}`
}
