/** A parameter list of MAIL or RCPT: names in upper case, `true` for a name without a value. */
export type PathParameters = Readonly<Record<string, string | true>>

/** Who a message is from and for, as MAIL and the accepted RCPT commands said. */
export interface Envelope {
  /** Empty for the null sender. */
  readonly from: string
  readonly to: readonly string[]
  readonly mailParameters: PathParameters
  /** One per recipient, in the order of `to`. */
  readonly rcptParameters: readonly PathParameters[]
}

/** A message whose acceptance was sent, or recorded by the `accept` action. */
export interface CapturedMessage {
  /** Counts from 1 over the server's life; the default reply names it (`queued as 1`). */
  readonly id: number
  /** The id of the connection that it came over. */
  readonly connection: number
  readonly envelope: Envelope
  /** The content with dot-stuffing undone; empty when the server keeps envelopes only. */
  readonly content: Buffer
  /** Size of the content in octets, kept or not. */
  readonly octets: number
  readonly at: Date
  /** Whether it came over TLS. */
  readonly tls: boolean
  /** Whether any octet of the content is above 127. */
  readonly eightBit: boolean
  /** How the content came. */
  readonly sentWith: 'DATA' | 'BDAT'
  /** The user of a successful AUTH. */
  readonly authenticatedAs?: string
}
