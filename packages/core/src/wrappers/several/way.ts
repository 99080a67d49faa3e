import { MailError } from '../../failure/mail-error.ts'
import { pauseAfter } from '../pause-after.ts'
import { Probe } from './probe.ts'
import { isPartlyDown } from './partly-down.ts'
import { verdictOn, verdictOnCheck } from '../../transports/standing.ts'
import {
  healthOf,
  newestFailure,
  type HealthFailure,
  type TransportHealth,
} from '../../transports/transport-health.ts'
import type { Delivery, Transport, VerifyContext } from '../../transports/transport.ts'

/** One of several transports. It knows whether the transport is down, and until when it is skipped for that. */
export class Way {
  readonly transport: Transport
  readonly #skipMs: number
  readonly #probe = new Probe()
  /** On the clock of `performance.now()`; undefined if the transport is up. */
  #skippedUntil: number | undefined
  /** Counts how often the transport went down or came back. */
  #turns = 0
  #lastFailure: HealthFailure | undefined

  constructor(transport: Transport, skipMs: number) {
    this.transport = transport
    this.#skipMs = skipMs
  }

  /** Whether the next message may go this way: the transport is up, or it is time to try it again. */
  get isOpen(): boolean {
    if (this.#skippedUntil === undefined) return true
    return performance.now() >= this.#skippedUntil && !this.#probe.isUnderWay
  }

  /** When it is time to try it again, on the clock of `performance.now()`. */
  get skippedUntil(): number {
    return this.#skippedUntil ?? 0
  }

  /** Begins a send. If the transport is down and nobody else tries it, this is the one message that does. @returns what to call with the result */
  begin(signal: AbortSignal | undefined): (result: Delivery | MailError) => void {
    const turns = this.#turns
    if (this.#skippedUntil === undefined || !this.isOpen) return (result) => this.#add(result, turns)
    const end = this.#probe.begin(signal)
    return (result) => {
      end()
      this.#add(result, turns)
    }
  }

  /** Checks the transport. What that shows counts as if a message had shown it. */
  async verify(context: VerifyContext | undefined): Promise<void> {
    const turns = this.#turns
    try {
      await this.transport.verify?.(context)
    } catch (error) {
      if (MailError.is(error))
        this.#addVerdict(isPartlyDown(error) ? 'up' : verdictOnCheck(error, context), error, turns)
      throw error
    }
    // A transport that cannot be checked has shown nothing.
    if (this.transport.verify) this.#addVerdict('up', undefined, turns)
  }

  health(): TransportHealth {
    const inner = healthOf(this.transport)
    const lastFailure = newestFailure([inner.lastFailure, this.#lastFailure])
    const leftMs = (this.#skippedUntil ?? 0) - performance.now()
    return {
      ...inner,
      ...(this.#skippedUntil !== undefined && { state: 'down' }),
      ...(lastFailure && { lastFailure }),
      ...(leftMs > 0 && { skippedUntil: new Date(Date.now() + leftMs) }),
    }
  }

  /** @param turns when its send began */
  #add(result: Delivery | MailError, turns: number): void {
    if (MailError.is(result) && isBreakerOpen(result)) {
      const isDown = this.#skippedUntil !== undefined
      // The breaker lets the next message through only then.
      if (turns === this.#turns || isDown) this.#skip(performance.now() + pauseAfter(result, 0))
      return
    }
    this.#addVerdict(verdictOn(result), MailError.is(result) ? result : undefined, turns)
  }

  #addVerdict(verdict: 'up' | 'down' | undefined, error: MailError | undefined, turns: number): void {
    const isDown = this.#skippedUntil !== undefined
    if (verdict === 'up' && isDown) {
      this.#skippedUntil = undefined
      this.#turns++
    }
    if (verdict !== 'down' || !error) return
    // A send that began before the transport came back says nothing about it now.
    if (!isDown && turns !== this.#turns) return
    this.#lastFailure = { code: error.code, hint: error.hint, at: new Date() }
    // Sends that began before the transport went down are no reason to skip it for longer, unless the server asks for that.
    const leastMs = turns === this.#turns ? this.#skipMs : 0
    this.#skip(performance.now() + pauseAfter(error, leastMs))
  }

  #skip(until: number): void {
    if (this.#skippedUntil === undefined) this.#turns++
    this.#skippedUntil = Math.max(until, this.#skippedUntil ?? 0)
  }
}

/** Nothing was tried, so it is no failed attempt either. */
export function isBreakerOpen(error: MailError): boolean {
  return error.code === 'queue/breaker-open'
}
