/** Results by the text that they were made of, the last ones that were used. */
export class Recent<Result> {
  readonly #most: number
  readonly #results = new Map<string, Result>()
  #length = 0

  /** @param most how many characters of texts are kept */
  constructor(most: number) {
    this.#most = most
  }

  get(text: string): Result | undefined {
    const result = this.#results.get(text)
    if (result === undefined) return undefined
    this.#results.delete(text)
    this.#results.set(text, result)
    return result
  }

  /** Keeps a result, unless its text is longer than a tenth of all. @returns the result */
  set(text: string, result: Result): Result {
    if (text.length > this.#most / 10 || this.#results.has(text)) return result
    this.#results.set(text, result)
    this.#length += text.length
    for (const oldest of this.#results.keys()) {
      if (this.#length <= this.#most) break
      this.#results.delete(oldest)
      this.#length -= oldest.length
    }
    return result
  }
}
