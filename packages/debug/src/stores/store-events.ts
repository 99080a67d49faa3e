import type { StoreEvent } from './mail-store.ts'

/** Those who watch a store; one that throws costs a process warning, never a mail. */
export class StoreEvents {
  readonly #listeners = new Set<(event: StoreEvent) => void>()

  get isWatched(): boolean {
    return this.#listeners.size > 0
  }

  subscribe(listener: (event: StoreEvent) => void): () => void {
    // Each subscription counts, also of the same function.
    const own = (event: StoreEvent): void => listener(event)
    this.#listeners.add(own)
    return () => void this.#listeners.delete(own)
  }

  tell(event: StoreEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event)
      } catch (error) {
        process.emitWarning(error instanceof Error ? error : String(error))
      }
    }
  }
}
