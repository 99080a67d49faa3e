import { combine, type Part } from './combine.ts'
import { MailError } from '../failure/mail-error.ts'
import type { Message } from '../message/message.ts'
import { completeFailure } from '../transports/send-through.ts'
import { tellLate } from '../transports/tell.ts'
import type { Delivery, TransportContext } from '../transports/transport.ts'

/**
 * The attempts of one message. What a server says late is about one of them, so it is told as what it means for the whole
 * message: another attempt may have delivered it meanwhile.
 */
export class Attempts {
  readonly #transport: string
  readonly #context: TransportContext
  readonly #ways: 'one' | 'several'
  readonly #parts: Part[] = []
  /** Late replies that came before the last attempt was over. */
  #early: Part[] | undefined
  #isOver = false

  /** @param ways as in {@link combine} */
  constructor(transport: string, context: TransportContext, ways: 'one' | 'several') {
    this.#transport = transport
    this.#context = context
    this.#ways = ways
  }

  /** The context of an attempt with this message. */
  contextOf(message: Message): TransportContext {
    if (!this.#context.late) return this.#context
    return { ...this.#context, late: (said) => this.#heed([message, said]) }
  }

  /** Adds the result of an attempt. */
  add(...part: Part): void {
    this.#parts.push(part)
  }

  /** Returns the delivery if every recipient finally has the message; otherwise throws the failure that remains. */
  finish(): Delivery {
    const result = this.#combined
    this.end()
    if (MailError.is(result)) throw result
    return result
  }

  /** To be called when there is no further attempt, unless {@link finish} is. */
  end(): void {
    this.#isOver = true
    for (const early of this.#early ?? []) this.#heed(early)
    this.#early = undefined
  }

  get #combined(): Delivery | MailError {
    return combine(this.#transport, this.#parts, this.#ways)
  }

  #heed(late: Part): void {
    if (!this.#isOver) return void (this.#early ??= []).push(late)
    const [message, said] = late
    if (this.#parts.length < 2) return tellLate(this.#context, said)
    const index = this.#parts.findIndex(([each]) => each === message)
    const before = this.#combined
    const { transport = this.#transport } = this.#parts[index]![1]
    this.#parts[index] = [message, MailError.is(said) ? completeFailure(said, message, transport) : said]
    const now = this.#combined
    if (!isSame(before, now)) tellLate(this.#context, now)
  }
}

/** Whether everybody has the same outcome as before. */
function isSame(before: Delivery | MailError, now: Delivery | MailError): boolean {
  if (!MailError.is(before) || !MailError.is(now)) return !MailError.is(before) && !MailError.is(now)
  const known = new Map(before.recipients.map(({ address, status }) => [address, status]))
  return now.recipients.every(({ address, status }) => known.get(address) === status)
}
