import type { Delivery, MailError, Message, TransportContext } from '@loudmail/core'
import { diagnoseAbort, failAll, tellLate } from '@loudmail/core/transport'
import { notAttempted } from './not-attempted.ts'

/** A message that waits to be one of several, and its caller. It is settled once; what comes later is told as a late reply. */
export class BatchEntry {
  readonly message: Message
  readonly context: TransportContext
  readonly part: Uint8Array
  /** Resolves to the outcome. */
  readonly settled: Promise<Delivery>
  /** What an abort does. At first, the message leaves the others. */
  onAbort: () => void
  readonly #transport: string
  readonly #settle = Promise.withResolvers<Delivery>()
  readonly #left = Promise.withResolvers<false>()
  readonly #listen = (): void => this.onAbort()
  #isSettled = false
  #hasLeft = false

  /** @param leave called when it is aborted before it is under way */
  constructor(
    message: Message,
    context: TransportContext,
    part: Uint8Array,
    transport: string,
    leave: (entry: BatchEntry) => void,
  ) {
    this.message = message
    this.context = context
    this.part = part
    this.#transport = transport
    this.settled = this.#settle.promise
    this.onAbort = () => {
      leave(this)
      const why = { stage: 'queue' as const, ...diagnoseAbort(context.signal), transport }
      this.fail(failAll(message, 'not-attempted', why))
      this.#left.resolve(false)
    }
    context.signal?.addEventListener('abort', this.#listen)
    if (context.signal?.aborted) this.onAbort()
  }

  get isSettled(): boolean {
    return this.#isSettled
  }

  /** Tells its caller that it goes out now. Resolves to whether it still does. */
  announce(): Promise<boolean> {
    return Promise.race([this.#announced(), this.#left.promise])
  }

  /** Leaves it to a send of its own, which then listens to its signal. */
  follow(sending: Promise<Delivery>): void {
    this.#end()
    this.#settle.resolve(sending)
  }

  deliver(delivery: Delivery): void {
    if (this.#isSettled) return tellLate(this.context, delivery)
    this.#end()
    this.#settle.resolve(delivery)
  }

  /** Fails for good: what comes later is not told. */
  leave(error: MailError): void {
    this.fail(error)
    this.#hasLeft = true
  }

  fail(error: unknown): void {
    if (this.#hasLeft) return
    if (this.#isSettled) return tellLate(this.context, error as MailError)
    this.#end()
    this.#settle.reject(error)
  }

  async #announced(): Promise<boolean> {
    if (this.#isSettled) return false
    try {
      await this.context.beforeTransmission?.()
      return true
    } catch (error) {
      if (!this.#isSettled) this.fail(notAttempted(this.message, this.#transport, error))
      return false
    }
  }

  #end(): void {
    this.#isSettled = true
    this.context.signal?.removeEventListener('abort', this.#listen)
  }
}
