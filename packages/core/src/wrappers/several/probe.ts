/** The longest time that a server may take for one reply (RFC 5321 section 4.5.3.2.6), in ms. */
const LONGEST_REPLY_MS = 600_000

/**
 * The one message that finds out whether a transport works again. It is over when it settles or is aborted, and also after
 * ten minutes, so that a send that never settles does not keep others from trying.
 */
export class Probe {
  #current: { readonly signal: AbortSignal | undefined; readonly lostAt: number } | undefined

  get isUnderWay(): boolean {
    if (!this.#current) return false
    const { signal, lostAt } = this.#current
    return !signal?.aborted && performance.now() < lostAt
  }

  /** @returns what to call when it has settled */
  begin(signal: AbortSignal | undefined): () => void {
    const probe = { signal, lostAt: performance.now() + LONGEST_REPLY_MS }
    this.#current = probe
    return () => {
      if (this.#current === probe) this.#current = undefined
    }
  }
}
