/** Code that waits for a condition; it is looked at again at every `wake`. */
export class Waiting {
  readonly #wakers = new Set<() => void>()

  /** Looks at every condition again. */
  wake(): void {
    for (const waker of this.#wakers) waker()
  }

  /** Resolves when the condition holds, or after so many milliseconds. */
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
