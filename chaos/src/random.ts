/** Chance from a seed: the same seed and path always give the same numbers, in whatever order scenes are played. */
export class Random {
  readonly #path: string
  #state: number

  constructor(...path: readonly (string | number)[]) {
    this.#path = path.join('/')
    // FNV-1a, 32 bits.
    let hash = 0x811c9dc5
    for (let at = 0; at < this.#path.length; at++)
      hash = Math.imul(hash ^ this.#path.charCodeAt(at), 0x01000193)
    this.#state = hash
  }

  /** Chance of its own for one part of the whole: what it draws changes nothing elsewhere. */
  fork(...path: readonly (string | number)[]): Random {
    return new Random(this.#path, ...path)
  }

  /** From 0 up to, not including, 1 (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** A whole number, both ends included. */
  whole(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1))
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  one<T>(list: readonly T[]): T {
    return list[this.whole(0, list.length - 1)]!
  }
}
