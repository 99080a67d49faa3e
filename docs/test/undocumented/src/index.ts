// What scripts/undocumented.ts must find: the test beside this folder lists it.

export interface Bare extends Base {
  readonly option: string
  method(): Mentioned
}

interface Base {
  readonly inherited: number
}

/** Only mentioned. */
interface Mentioned {
  readonly deep: string
  /** A function that takes a literal. */
  readonly literal: (options: { readonly short: string }) => void
}

/** A union: a text in one of its members is enough. */
export type Either =
  | {
      /** Told once. */
      readonly first: string
    }
  | {
      readonly first: number
      readonly second: string
    }

/** A class. */
export class Whole {
  readonly field = 1
  readonly #hidden = 2
  private readonly secret = 3

  get getter(): number {
    return this.#hidden + this.secret
  }
}

export const bare = 1
// Not a docstring.
export function bareFunction(): void {}
/** Told for both. */
export const [{ one }, two] = [{ one: 1 }, 2]
