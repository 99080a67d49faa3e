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

  forRecipients(addresses: readonly string[]): ParsedMessage {
    const known = new Set(this.envelope.to)
    const stranger = addresses.find((address) => !known.has(address))
    if (stranger !== undefined)
      throw new TypeError(`${JSON.stringify(stranger)} is not in the envelope of this message`)
    const { envelope, ...fields } = this
    return new ParsedMessage(fields, this.#replayable, { ...envelope, to: [...addresses] })
  }
}
