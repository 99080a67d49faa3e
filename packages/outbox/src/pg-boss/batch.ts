interface Waiting<Item, Result> {
  readonly item: Item
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void
}

/** Does what is asked for in one turn, or while a group is under way, together: one statement or transaction for many. */
export class Batch<Item, Result> {
  readonly #run: (items: readonly Item[], isAlone: boolean) => Promise<readonly Result[]>
  readonly #failsAlone: (error: unknown) => boolean
  readonly #most: number
  #waiting: Waiting<Item, Result>[] = []
  #isRunning = false

  /**
   * @param run does a group: its results are in the order of the items
   * @param failsAlone whether an error is that of one item, so that each of the group is to be done on its own
   */
  constructor(
    run: (items: readonly Item[], isAlone: boolean) => Promise<readonly Result[]>,
    failsAlone: (error: unknown) => boolean,
    most = 200,
  ) {
    this.#run = run
    this.#failsAlone = failsAlone
    this.#most = most
  }

  /** Does one, together with others. */
  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject })
      if (this.#isRunning) return
      this.#isRunning = true
      setImmediate(() => void this.#work())
    })
  }

  async #work(): Promise<void> {
    while (this.#waiting.length > 0) await this.#group(this.#waiting.splice(0, this.#most))
    this.#isRunning = false
  }

  async #group(group: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.#run(
        group.map(({ item }) => item),
        false,
      )
      for (const [index, { resolve }] of group.entries()) resolve(results[index]!)
    } catch (error) {
      const failsAlone = this.#failsAlone(error)
      for (const each of group) {
        // It does not hold up the next group: it may have to wait for a transaction of a caller.
        if (failsAlone) void this.#alone(each)
        else each.reject(error)
      }
    }
  }

  async #alone({ item, resolve, reject }: Waiting<Item, Result>): Promise<void> {
    try {
      const [result] = await this.#run([item], true)
      resolve(result!)
    } catch (error) {
      reject(error)
    }
  }
}
