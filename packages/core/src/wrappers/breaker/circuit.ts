import { failAll } from '../../failure/fail-all.ts'
import { MailError } from '../../failure/mail-error.ts'
import { FailureRate } from './failure-rate.ts'
import type { Message } from '../../message/message.ts'
import { pauseAfter } from '../pause-after.ts'
import { Probe } from '../several/probe.ts'
import { verdictOn } from '../../transports/standing.ts'
import type { HealthFailure, TransportHealth } from '../../transports/transport-health.ts'
import type { Delivery } from '../../transports/transport.ts'

/** When to ask again while one message tries the transport, in ms. */
const SOON_MS = 1_000

/** The options of a breaker with every default filled in. */
export interface CircuitSettings {
  readonly failureRate: number
  readonly minimum: number
  readonly windowMs: number
  readonly openMs: number
}

/** Decides whether messages go through: closed, open, or half-open with one message that tries. */
export class Circuit {
  readonly #options: CircuitSettings
  readonly #rate: FailureRate
  readonly #probe = new Probe()
  /** On the clock of `performance.now()`; undefined while it is closed. */
  #openUntil: number | undefined
  /** Counts how often it opened and closed. A send says something only about the time in which it began. */
  #turns = 0
  #lastFailure: HealthFailure | undefined

  constructor(options: CircuitSettings) {
    this.#options = options
    this.#rate = new FailureRate(options.windowMs)
  }

  get state(): NonNullable<TransportHealth['breaker']> {
    if (this.#openUntil === undefined) return 'closed'
    return this.leftMs > 0 ? 'open' : 'half-open'
  }

  /** How long it stays open, in ms. */
  get leftMs(): number {
    return (this.#openUntil ?? 0) - performance.now()
  }

  get lastFailure(): HealthFailure | undefined {
    return this.#lastFailure
  }

  /** @returns what to call with the result; undefined if nothing may be sent */
  begin(signal: AbortSignal | undefined): ((result: Delivery | MailError) => void) | undefined {
    const turns = this.#turns
    if (this.#openUntil === undefined)
      return (result) => {
        if (turns === this.#turns) this.#count(result)
      }
    if (this.leftMs > 0 || this.#probe.isUnderWay) return undefined
    const end = this.#probe.begin(signal)
    return (result) => {
      end()
      if (turns === this.#turns) this.#conclude(result)
    }
  }

  /** The failure of a message that may not be sent. */
  refusal(message: Message, transport: string): MailError {
    const { code, hint } = this.#lastFailure!
    const { leftMs } = this
    const when =
      leftMs > 0
        ? `in ${Math.ceil(leftMs / 1_000)} s`
        : 'as soon as the message that tries it now has settled'
    return failAll(message, 'not-attempted', {
      stage: 'queue',
      kind: 'breaker-open',
      summary: `too many sends failed, the last one with ${code}, so nothing is sent for now; the next try is ${when}`,
      hint: `This message was not sent. ${hint} The breaker tries the transport again by itself.`,
      retryAfterMs: leftMs > 0 ? Math.ceil(leftMs) : Math.min(this.#options.openMs, SOON_MS),
      transport,
    })
  }

  #count(result: Delivery | MailError): void {
    const verdict = verdictOn(result)
    if (verdict === undefined) return
    const { sends, rate } = this.#rate.add(verdict === 'down')
    if (verdict === 'up') return
    this.#remember(result as MailError)
    if (sends >= this.#options.minimum && rate >= this.#options.failureRate) this.#open(result as MailError)
  }

  #conclude(result: Delivery | MailError): void {
    const verdict = verdictOn(result)
    if (verdict === 'down') {
      this.#remember(result as MailError)
      this.#open(result as MailError)
    } else if (verdict === 'up') {
      this.#openUntil = undefined
      this.#turns++
    }
  }

  #open(error: MailError): void {
    this.#openUntil = performance.now() + pauseAfter(error, this.#options.openMs)
    this.#turns++
    this.#rate.clear()
  }

  /** Without its recipients and its conversation: they are of another message. */
  #remember({ code, hint }: MailError): void {
    this.#lastFailure = { code, hint, at: new Date() }
  }
}
