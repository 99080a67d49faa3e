import type { Piece } from './part/pieces.ts'

/** What a server must offer to take a message as it is. */
export interface DraftFacts {
  /** It holds, or where it is a raw stream may hold, octets beyond ASCII: BODY=8BITMIME (RFC 6152). */
  readonly eightBit: boolean
  /** An envelope address or a header field needs SMTPUTF8 (RFC 6531). */
  readonly smtputf8: boolean
}

/** A message in pieces that are still to be written. */
export interface Draft extends DraftFacts {
  readonly pieces: readonly Piece[]
}
