import type { Attempted } from './attempt.ts'

const FIRST_MS = 1_000
const LONGEST_MS = 60_000

/**
 * While the transport cannot send anything, a worker takes one message now and then instead of all that wait: they would
 * only fail as well, and a server that refuses a log-in may lock the account.
 */
export class DownPause {
  readonly #look: () => void
  #pauseMs = 0
  #until = 0
  #timer: NodeJS.Timeout | undefined

  /** @param look called when the next message may be taken */
  constructor(look: () => void) {
    this.#look = look
  }

  /** Whether the last attempts found the transport down. */
  get isDown(): boolean {
    return this.#pauseMs > 0
  }

  /** How many messages may be taken, if there is room for so many. */
  room(most: number): number {
    if (!this.isDown) return most
    return performance.now() < this.#until ? 0 : Math.min(most, 1)
  }

  /** Learns from an attempt. */
  add(attempted: Attempted | undefined): void {
    if (attempted?.verdict === 'up') this.end()
    if (attempted?.verdict === 'down' && performance.now() >= this.#until) this.#pause()
  }

  /** Ends the pause. */
  end(): void {
    this.#pauseMs = this.#until = 0
    clearTimeout(this.#timer)
  }

  #pause(): void {
    this.#pauseMs = Math.min(Math.max(this.#pauseMs * 2, FIRST_MS), LONGEST_MS)
    const ms = this.#pauseMs * (0.5 + Math.random() / 2)
    this.#until = performance.now() + ms
    clearTimeout(this.#timer)
    this.#timer = setTimeout(this.#look, ms).unref()
  }
}
