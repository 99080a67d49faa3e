import type { MailError } from '../failure/mail-error.ts'
import { derivedKey } from '../message/derived-key.ts'
import type { Message } from '../message/message.ts'

/**
 * The idempotency keys of the attempts of one message. A server that honours keys delivers nothing for a key that it has
 * seen. So whoever may have the message already is tried again with the same key, and everybody else, once the server may
 * have seen that key, with another one.
 */
export class AttemptKeys {
  readonly #own: string
  readonly #word: string
  #fresh: string
  #count = 1
  /** The key with which a recipient was sent the message, if nobody knows whether it arrived. */
  readonly #inDoubt = new Map<string, string>()
  /** Those in doubt whose key was used for others: with it they would get nothing, and with another one perhaps two. */
  readonly #ended = new Set<string>()

  /**
   * @param own the key of the message
   * @param wrapper the name of what makes the attempts, such as `retry(smtp(mail.example.com:587))`
   */
  constructor(own: string, wrapper: string) {
    this.#own = this.#fresh = own
    const kind = wrapper.slice(0, wrapper.indexOf('('))
    // One within another of its kind gets the same key, and must not make the same ones of it.
    const level = wrapper.split(`${kind}(`).length - 1
    this.#word = level > 1 ? kind + level : kind
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
    const count = ++this.#count
    return derivedKey(this.#own, (key) => `${key};${this.#word}=${count}`)
  }
}
