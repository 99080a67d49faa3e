import type { DatabaseSync } from 'node:sqlite'

interface Waiting {
  readonly change: () => unknown
  readonly resolve: (result: never) => void
  readonly reject: (error: unknown) => void
}

/** Makes the changes of one turn in one transaction: they wait for the disk together. */
export class GroupCommit {
  readonly #database: DatabaseSync
  #waiting: Waiting[] = []

  constructor(database: DatabaseSync) {
    this.#database = database
  }

  /** Makes a change. It is on disk when the promise resolves. */
  run<Result>(change: () => Result): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ change, resolve, reject })
      if (this.#waiting.length === 1) setImmediate(this.#commit)
    })
  }

  /** Resolves when nothing waits. */
  async idle(): Promise<void> {
    if (this.#waiting.length > 0) await this.run(() => {})
  }

  readonly #commit = (): void => {
    const group = this.#waiting
    this.#waiting = []
    try {
      const results = this.#transaction(() => group.map(({ change }) => change()))
      for (const [index, { resolve }] of group.entries()) resolve(results[index] as never)
    } catch (error) {
      if (group.length === 1) return group[0]!.reject(error)
      // One of them failed: the others must not fail with it.
      for (const { change, resolve, reject } of group) {
        try {
          resolve(this.#transaction(change) as never)
        } catch (own) {
          reject(own)
        }
      }
    }
  }

  #transaction<Result>(change: () => Result): Result {
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      const result = change()
      this.#database.exec('COMMIT')
      return result
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      throw error
    }
  }
}
