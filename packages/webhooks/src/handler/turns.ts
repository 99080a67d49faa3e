/** Lets those with a key in common wait for each other, in the order in which they came. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>()

  /** Calls `act` when everybody who came before with one of these keys is done, however that ended. */
  async take<Result>(keys: readonly string[], act: () => Promise<Result>): Promise<Result> {
    const before = keys.map((key) => this.#last.get(key)).filter((each) => each !== undefined)
    const mine = Promise.all(new Set(before)).then(act)
    const settled = mine.then(
      () => undefined,
      () => undefined,
    )
    for (const key of keys) this.#last.set(key, settled)
    try {
      return await mine
    } finally {
      for (const key of keys) if (this.#last.get(key) === settled) this.#last.delete(key)
    }
  }
}
