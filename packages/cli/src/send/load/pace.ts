/** After a stall, messages may follow so much faster than the rate until the time is made up. */
const CATCH_UP = 1.1
/** The longest time that is made up, in ms. What a server cannot take is not sent later. */
const MOST_DEBT_MS = 1_000
/** Timers are not exact, and a busy process is late: so many ms are made up at once. */
const TIMER_MS = 25

/**
 * When each message may start, so that so many start in a second. There is no burst after a stall. It has two clocks: the
 * schedule, and the fastest that messages may follow each other.
 */
export class Pace {
  readonly #intervalMs: number
  #dueMs: number
  #fastestMs: number

  /** @param nowMs when the first message may start */
  constructor(perSecond: number, nowMs: number) {
    this.#intervalMs = 1_000 / perSecond
    this.#dueMs = nowMs
    this.#fastestMs = nowMs
  }

  /** How long the next message has to wait, in ms; 0 if it may start. */
  waitMs(nowMs: number): number {
    return Math.max(0, Math.max(this.#dueMs, this.#fastestMs) - nowMs)
  }

  /** A message starts. */
  started(nowMs: number): void {
    this.#dueMs = Math.max(this.#dueMs, nowMs - MOST_DEBT_MS) + this.#intervalMs
    this.#fastestMs = Math.max(this.#fastestMs, nowMs - TIMER_MS) + this.#intervalMs / CATCH_UP
  }
}
