/** The parameters of MAIL or RCPT: names in upper case, and `true` for a name without a value. */
export type PathParameters = Readonly<Record<string, string | true>>

/** The sender and the recipients of a message, from MAIL and the accepted RCPT commands. */
export interface Envelope {
  /** Empty for the null sender. */
  readonly from: string
  /** The recipients that were accepted. */
  readonly to: readonly string[]
  /** The parameters of MAIL, such as `SIZE`. */
  readonly mailParameters: PathParameters
  /** One per recipient, in the order of `to`. */
  readonly rcptParameters: readonly PathParameters[]
}

/** A message that the server accepted with a reply, or recorded with the `accept` action. */
export interface CapturedMessage {
  /** A number from 1 for each message of this server. The default reply contains it (`queued as 1`). */
  readonly id: number
  /** The id of its connection. */
  readonly connection: number
  /** The sender and the recipients on the wire. */
  readonly envelope: Envelope
  /** The content without dot-stuffing; empty if the server keeps only envelopes. */
  readonly content: Buffer
  /** The size of the content in octets, even if the content is not kept. */
  readonly octets: number
  /** When the content had arrived. */
  readonly at: Date
  /** Whether it arrived over TLS. */
  readonly tls: boolean
  /** Whether any octet of the content is above 127. */
  readonly eightBit: boolean
  /** The command that sent the content. */
  readonly sentWith: 'DATA' | 'BDAT'
  /** The user of a successful AUTH. */
  readonly authenticatedAs?: string
}
