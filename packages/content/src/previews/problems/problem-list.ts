import type { PreviewProblem } from '../preview.ts'

/** Something that can be wrong at many places of a template. */
export interface Flaw {
  readonly kind: PreviewProblem['kind']
  readonly level: PreviewProblem['level']
  /** What is wrong, without a full stop: `A link without an address`. */
  readonly what: string
  /** What to do: a whole sentence. */
  readonly advice: string
}

/** How many different places are shown for one flaw, and how much of each, in characters. */
const MOST_PLACES = 3
const LONGEST_PLACE = 80

/** Problems in the order in which they were found. One at many places is one problem with the number of them. */
export class ProblemList {
  readonly #found = new Map<string, { readonly flaw: Flaw; times: number; readonly places: Set<string> }>()

  /** @param place the text or the address where it is, if there is one */
  add(flaw: Flaw, place?: string): void {
    const key = `${flaw.kind} ${flaw.level} ${flaw.what}`
    const found = this.#found.get(key) ?? { flaw, times: 0, places: new Set() }
    found.times++
    if (place && found.places.size <= MOST_PLACES) found.places.add(shortened(place))
    this.#found.set(key, found)
  }

  get all(): readonly PreviewProblem[] {
    return [...this.#found.values()].map(({ flaw: { kind, level, what, advice }, times, places }) => {
      const often = times > 1 ? ` (${times} times)` : ''
      return { kind, level, message: `${what}${often}${listOf([...places])}. ${advice}` }
    })
  }
}

function listOf(places: readonly string[]): string {
  if (places.length === 0) return ''
  const shown = places.slice(0, MOST_PLACES).map((place) => `"${place}"`)
  return `: ${shown.join(', ')}${places.length > MOST_PLACES ? ' and more' : ''}`
}

function shortened(place: string): string {
  const line = place.slice(0, 1_000).replaceAll(/\s+/g, ' ').trim()
  return line.length > LONGEST_PLACE ? `${line.slice(0, LONGEST_PLACE)}…`.toWellFormed() : line
}
