import { needsSmtpUtf8 } from './address.ts'
import { mailboxKey } from './mailbox-key.ts'
import type { Envelope } from './message.ts'

/** A frozen message. Its recipients can be narrowed without parsing it again. */
export class ParsedMessage {
  readonly envelope: Envelope
  readonly #replayable: () => boolean

  constructor(fields: object, replayable: () => boolean, whole: Envelope) {
    Object.assign(this, fields)
    this.envelope = Object.freeze({ ...whole, to: Object.freeze(whole.to) })
    this.#replayable = replayable
    Object.freeze(this)
  }

  get replayable(): boolean {
    return this.#replayable()
  }

  forRecipients(addresses: readonly string[], idempotencyKey?: string): ParsedMessage {
    const { envelope, ...fields } = this
    const own = idempotencyKey === undefined ? fields : { ...fields, idempotencyKey }
    return new ParsedMessage(own, this.#replayable, {
      ...envelope,
      to: ofEnvelope(envelope.to, addresses),
    })
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
