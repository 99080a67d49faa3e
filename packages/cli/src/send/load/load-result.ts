import type { MailError, Receipt } from '@loudmail/core'
import { Latencies } from './latencies.ts'

/** The failures with one code, and the first of them as an example. */
export interface CodeCount {
  count: number
  /** How many of them the policy does not silence. */
  loud: number
  readonly example: MailError
}

/** What a load check has found so far. Receipts are not kept, so its size stays the same. */
export class LoadResult {
  readonly latencies = new Latencies()
  readonly codes = new Map<string, CodeCount>()
  started = 0
  /** The server has refused the log-in for good. More attempts could lock the account. */
  refusedLogIn: MailError | undefined
  sent = 0
  failed = 0
  #firstMs: number | undefined
  #lastMs = 0

  /** How many are in progress. */
  get underWay(): number {
    return this.started - this.sent - this.failed
  }

  /** From the start of the first message to the last outcome. */
  get seconds(): number {
    return this.#firstMs === undefined ? 0 : Math.max(0, this.#lastMs - this.#firstMs) / 1_000
  }

  /** Messages that were sent in a second. */
  get ratePerSecond(): number {
    return this.seconds === 0 ? 0 : this.sent / this.seconds
  }

  /** Whether there is a failure that the policy does not silence. */
  get isLoud(): boolean {
    return [...this.codes.values()].some(({ loud }) => loud > 0)
  }

  start(nowMs: number): void {
    this.#firstMs ??= nowMs
    this.started++
  }

  settle(receipt: Pick<Receipt, 'durationMs' | 'error' | 'failures' | 'silenced'>, nowMs: number): void {
    this.#lastMs = nowMs
    const { error, failures, silenced, durationMs } = receipt
    // Of a failover, another server may have taken the message.
    this.refusedLogIn ??= [...(error ? [error] : []), ...failures].find(isRefusedLogIn)
    if (!error) {
      this.sent++
      this.latencies.add(durationMs)
      return
    }
    this.failed++
    const known = this.codes.get(error.code) ?? { count: 0, loud: 0, example: error }
    known.count++
    if (!silenced) known.loud++
    this.codes.set(error.code, known)
  }
}

function isRefusedLogIn({ stage, permanence }: MailError): boolean {
  return stage === 'auth' && permanence === 'permanent'
}
