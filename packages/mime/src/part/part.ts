import type { Piece } from './pieces.ts'

/** One MIME entity (RFC 2045 section 2.4). */
export interface Part {
  /** Its Content fields, each with its CRLF. Empty if the body begins with them, as they depend on its content. */
  readonly header: string
  readonly body: readonly Piece[]
  /** It contains octets beyond ASCII. */
  readonly eightBit: boolean
  /** Its last CRLF is not part of the content, so a delimiter can follow at once. */
  readonly closed: boolean
}

/** Adds a piece. Consecutive strings are joined, so that they are written at once. */
export function append(pieces: Piece[], piece: Piece): void {
  const last = pieces.at(-1)
  if (typeof piece === 'string' && typeof last === 'string') pieces[pieces.length - 1] = last + piece
  else pieces.push(piece)
}
