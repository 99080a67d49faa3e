import { MailError, type Delivery, type Message, type Transport } from '@loudmail/core'

/**
 * Whether a transport says when it begins to transmit. One of its wrappers may claim so and not pass the context on: then
 * nobody would know what may have been delivered when the worker dies. After the first such message it is not relied on.
 */
export class Announcements {
  readonly #transport: Transport
  #areReliable: boolean

  constructor(transport: Transport) {
    this.#transport = transport
    this.#areReliable = transport.announcesTransmission === true
  }

  /** Otherwise, each message counts as begun before it is given to the transport. */
  get areReliable(): boolean {
    return this.#areReliable
  }

  /** Learns from a message whose transmission was not announced. */
  addSilent({ idempotencyKey }: Message, result: Delivery | MailError): void {
    const isTransmitted = MailError.is(result) ? result.delivered !== 'none' : result.state === 'sent'
    // For a key that it knows, `dedupe()` transmits nothing.
    if (!isTransmitted || !this.#areReliable || idempotencyKey !== undefined) return
    this.#areReliable = false
    process.emitWarning(
      `${this.#transport.name} sent a message and did not call beforeTransmission, so messages count as begun earlier from now on. A wrapper in it must pass its context on: inner.send(message, { ...context })`,
      'LoudmailWarning',
    )
  }
}
