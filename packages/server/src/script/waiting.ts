/** Code that waits for a condition, which is checked again at every `wake`. */
export class Waiting {
  readonly #wakers = new Set<() => void>()

  /** Checks every condition again. */
  wake(): void {
    for (const waker of this.#wakers) waker()
  }

  /** Resolves when the condition is true, or after this many milliseconds. */
  until(holds: () => boolean, ms?: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        this.#wakers.delete(waker)
        resolve()
      }
      const waker = (): void => {
        if (holds()) done()
      }
      const timer = ms === undefined ? undefined : setTimeout(done, ms)
      this.#wakers.add(waker)
      waker()
    })
  }
}
