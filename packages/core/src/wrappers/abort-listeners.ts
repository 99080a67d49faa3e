/**
 * Listens to signals for many who wait. A signal has one listener, however many share it: a signal compares a new listener
 * with all that it has, so ten thousand of them would take long.
 */
export class AbortListeners<Waiter> {
  readonly #tell: (waiter: Waiter) => void
  readonly #signals = new Map<AbortSignal, { readonly waiters: Set<Waiter>; readonly listener: () => void }>()

  /** @param tell called with each who waits when the signal aborts; it must remove it */
  constructor(tell: (waiter: Waiter) => void) {
    this.#tell = tell
  }

  /** Begins to wait. Whoever waits for a signal that has aborted already is never told. */
  add(signal: AbortSignal | undefined, waiter: Waiter): void {
    if (!signal) return
    let entry = this.#signals.get(signal)
    if (!entry) {
      const waiters = new Set<Waiter>()
      const listener = (): void => waiters.forEach(this.#tell)
      entry = { waiters, listener }
      this.#signals.set(signal, entry)
      signal.addEventListener('abort', listener)
    }
    entry.waiters.add(waiter)
  }

  /** Stops to wait. */
  remove(signal: AbortSignal | undefined, waiter: Waiter): void {
    const entry = signal && this.#signals.get(signal)
    if (!entry?.waiters.delete(waiter) || entry.waiters.size > 0) return
    this.#signals.delete(signal!)
    signal!.removeEventListener('abort', entry.listener)
  }
}
