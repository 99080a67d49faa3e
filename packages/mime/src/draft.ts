import type { Piece } from './part/pieces.ts'

/** The extensions that a server must offer to accept a message as it is. */
export interface DraftFacts {
  /** It contains octets beyond ASCII, or may contain them because it is a raw stream: BODY=8BITMIME (RFC 6152). */
  readonly eightBit: boolean
  /** An envelope address or a header field needs SMTPUTF8 (RFC 6531). */
  readonly smtputf8: boolean
}

/** A message as pieces that have not been written yet. */
export interface Draft extends DraftFacts {
  readonly pieces: readonly Piece[]
}
