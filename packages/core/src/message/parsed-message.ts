import { needsSmtpUtf8 } from './address.ts'
import { mailboxKey } from './mailbox-key.ts'
import type { Envelope } from './message.ts'

interface Keyed {
  readonly idempotencyKey?: string | undefined
}

/** A frozen message. Its recipients can be narrowed without parsing it again. */
export class ParsedMessage {
  readonly envelope: Envelope
  readonly #replayable: () => boolean
  /** The key that the caller gave it. Attempts for some of its recipients may have another one. */
  readonly #ownKey: string | undefined

  constructor(fields: Keyed, replayable: () => boolean, whole: Envelope, ownKey = fields.idempotencyKey) {
    Object.assign(this, fields)
    this.#ownKey = ownKey
    this.envelope = Object.freeze({ ...whole, to: Object.freeze(whole.to) })
    this.#replayable = replayable
    Object.freeze(this)
  }

  get replayable(): boolean {
    return this.#replayable()
  }

  /** The idempotency key that the caller gave to a message. */
  static ownKeyOf(message: Keyed): string | undefined {
    return #ownKey in message ? message.#ownKey : message.idempotencyKey
  }

  forRecipients(addresses: readonly string[], idempotencyKey?: string): ParsedMessage {
    const { envelope, ...fields } = this
    const own = idempotencyKey === undefined ? fields : { ...fields, idempotencyKey }
    const to = ofEnvelope(envelope.to, addresses)
    return new ParsedMessage(own, this.#replayable, { ...envelope, to }, this.#ownKey)
  }

  /** The message for somebody who is not in its envelope, with some fields replaced. The addresses must be parsed. */
  readdressed(to: readonly string[], changes: object): ParsedMessage {
    const { envelope, ...fields } = this
    const { from } = envelope
    const smtputf8 = [from, ...to].some(needsSmtpUtf8)
    return new ParsedMessage({ ...fields, ...changes }, this.#replayable, { from, to: [...to], smtputf8 })
  }
}

/** The addresses as the envelope has them, whatever the case or the form of their domains. */
function ofEnvelope(recipients: readonly string[], addresses: readonly string[]): string[] {
  const known = new Set(recipients)
  if (addresses.every((address) => known.has(address))) return [...addresses]
  const byMailbox = new Map(recipients.map((address) => [mailboxKey(address), address]))
  const found = addresses.map((address) => {
    const own = byMailbox.get(mailboxKey(address))
    if (own === undefined)
      throw new TypeError(`${JSON.stringify(address)} is not in the envelope of this message`)
    return own
  })
  return [...new Set(found)]
}
