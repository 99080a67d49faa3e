import { createHash } from 'node:crypto'
import type { MailError } from '../failure/mail-error.ts'
import type { Message } from '../message/message.ts'

/** The longest idempotency key that a message may have. */
const MOST_LENGTH = 256

/**
 * The idempotency keys of the attempts of one message. A server that honours keys delivers nothing for a key that it has
 * seen. So whoever may have the message already is tried again with the same key, and everybody else, once the server may
 * have seen that key, with another one.
 */
export class RetryKeys {
  readonly #own: string
  #fresh: string
  #count = 1
  /** The key with which a recipient was sent the message, if nobody knows whether it arrived. */
  readonly #inDoubt = new Map<string, string>()
  /** Those in doubt whose key was used for others: with it they would get nothing, and with another one perhaps two. */
  readonly #ended = new Set<string>()

  /** @param own the key of the message */
  constructor(own: string) {
    this.#own = this.#fresh = own
  }

  /** A key that the server has not seen: that of the message, as long as nobody may have the message. */
  get fresh(): string {
    return this.#fresh
  }

  /** The key with which this recipient may have got the message. */
  inDoubt(address: string): string | undefined {
    return this.#inDoubt.get(address)
  }

  /** Whether there is a key with which this recipient may be tried again. */
  mayRepeat(address: string): boolean {
    return !this.#ended.has(address)
  }

  /** Adds a failed attempt. */
  add({ idempotencyKey: key }: Message, { recipients }: MailError): void {
    const isAccepted = recipients.some(({ status }) => status === 'accepted')
    const isSeen = isAccepted || recipients.some(({ status }) => status === 'unknown')
    if (isSeen && key === this.#fresh) this.#fresh = this.#next()
    for (const { address, status } of recipients) {
      if (status === 'unknown') this.#inDoubt.set(address, key!)
      const isForOthers = status === 'unknown' ? isAccepted : isSeen
      if (isForOthers && this.#inDoubt.has(address)) this.#ended.add(address)
    }
  }

  /** Adds an attempt that succeeded. */
  addDelivery({ idempotencyKey: key }: Message): void {
    if (key === this.#fresh) this.#fresh = this.#next()
  }

  #next(): string {
    const suffix = `;retry=${++this.#count}`
    const key = this.#own + suffix
    return key.length <= MOST_LENGTH ? key : createHash('sha256').update(this.#own).digest('hex') + suffix
  }
}
