import type { Envelope, PathParameters } from '../message/captured-message.ts'
import type { ContentReader } from './content-reader.ts'

/** One mail transaction, from an accepted MAIL to the reply to its content (RFC 5321 section 3.3). */
export class Transaction {
  readonly from: string
  readonly mailParameters: PathParameters
  readonly to: string[] = []
  readonly rcptParameters: PathParameters[] = []
  /** The BDAT chunks so far. */
  chunks: ContentReader | undefined
  /** After a refused chunk the transaction cannot succeed (RFC 3030 section 2). */
  spoilt = false

  constructor(from: string, mailParameters: PathParameters) {
    this.from = from
    this.mailParameters = mailParameters
  }

  get envelope(): Envelope {
    return this.envelopeTo(this.to)
  }

  /** The envelope for some of the recipients. */
  envelopeTo(recipients: readonly string[]): Envelope {
    const kept = this.to.flatMap((address, at) => (recipients.includes(address) ? [at] : []))
    return {
      from: this.from,
      to: kept.map((at) => this.to[at]!),
      mailParameters: this.mailParameters,
      rcptParameters: kept.map((at) => this.rcptParameters[at]!),
    }
  }
}
