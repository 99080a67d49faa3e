import { callSafely } from '@loudmail/core/transport'
import type { StoreEvent } from './mail-store.ts'

/** The listeners of a store. If one throws, the process warns, and no mail is lost. */
export class StoreEvents {
  readonly #listeners = new Set<(event: StoreEvent) => void>()

  get isWatched(): boolean {
    return this.#listeners.size > 0
  }

  subscribe(listener: (event: StoreEvent) => void): () => void {
    // The same function may subscribe more than once.
    const own = (event: StoreEvent): void => listener(event)
    this.#listeners.add(own)
    return () => void this.#listeners.delete(own)
  }

  tell(event: StoreEvent): void {
    for (const listener of this.#listeners) void callSafely('a listener of a store', () => listener(event))
  }
}
