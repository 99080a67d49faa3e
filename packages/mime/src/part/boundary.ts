import { randomUUID } from 'node:crypto'

let letter = 0

/**
 * A new multipart boundary (RFC 2046 section 5.1.1). `=_` occurs in neither base64 nor quoted-printable (RFC 2045 section
 * 6.7), so only parts in 7bit and 8bit can contain it. No boundary of a message begins with another one.
 */
export function newBoundary(): string {
  letter = (letter + 1) % 26
  return `=_${String.fromCharCode(97 + letter)}_${randomUUID()}`
}
