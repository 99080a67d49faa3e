import { SHORTEST, type Form } from './forms.ts'
import { squeeze, type Breaks, type Squeezed } from './squeeze.ts'
import { viewsOf, type View } from './views.ts'

/** From start to end, in a text. */
export type Range = readonly [start: number, end: number]

interface Needle {
  readonly codes: Uint16Array
  /** Whether white space stands before each character; undefined if it does not matter. */
  readonly gaps: readonly boolean[] | undefined
  readonly whole: boolean
}

/** How many characters in a row of a longer secret are taken for a piece of it. */
const PIECE = 16
/** White space between the characters of a shorter secret would find it in innocent words. */
const SPACED = 8
/** How many characters are looked up at once, and how often a secret that may come in pieces is entered for that. */
const GRAM = 4
const STRIDE = 8
/** A token that repeats itself must not make every look-up long. */
const MOST_PLACES = 8

/** Finds secrets in texts: whatever their case, over line ends and white space, and also pieces of long ones. */
export class Needles {
  readonly #places = new Map<number, { readonly needle: Needle; readonly at: number }[]>()
  /** Most keys are not in `places`, and this is quicker to ask. */
  readonly #marks = new Uint8Array(MARKS)
  readonly #known = new Set<string>()
  #haveSpaces = false

  get isEmpty(): boolean {
    return this.#places.size === 0
  }

  add({ text, whole }: Form): void {
    if (text.length < SHORTEST) return
    const { codes, at, length } = squeeze(text, 'bare')
    const id = `${whole} ${codes.subarray(0, length).join()}`
    if (length < SHORTEST || this.#known.has(id)) return
    this.#known.add(id)
    this.#haveSpaces ||= length < text.length
    const gaps =
      length < SPACED ? Array.from({ length }, (_, n) => n > 0 && at[n]! > at[n - 1]! + 1) : undefined
    const needle = { codes: codes.slice(0, length), gaps, whole: whole || length < PIECE }
    const last = needle.whole ? 0 : length - GRAM
    for (let index = 0; index <= last; index += STRIDE) {
      const key = keyOf(codes, index)
      const places = this.#places.get(key) ?? []
      if (places.length === 0) this.#places.set(key, places)
      this.#marks[markOf(key)] = 1
      const own = places.filter((place) => place.needle === needle).length
      if (own < MOST_PLACES) places.push({ needle, at: index })
    }
  }

  /** Where secrets are in a text; ranges may overlap, in no order. */
  find(text: string): Range[] {
    const found: Range[] = []
    this.#findIn({ text, toSource: (start, end) => [start, end] }, found)
    for (const view of viewsOf(text, this.#haveSpaces)) this.#findIn(view, found)
    return found
  }

  #findIn(view: View, found: Range[]): void {
    this.#search(view, 'and prefixes', found)
    if (!view.text.includes('\n')) return
    // What looks like the code of a reply, or like the mark of a soft line break, may belong to the secret.
    this.#search(view, 'bare', found)
    if (/=\r?\n/.test(view.text)) this.#search(view, 'and prefixes and marks', found)
  }

  #search(view: View, breaks: Breaks, found: Range[]): void {
    const squeezed = squeeze(view.text, breaks)
    const { codes, at, length } = squeezed
    for (let position = 0; position + GRAM <= length; position++) {
      const key = keyOf(codes, position)
      const places = this.#marks[markOf(key)] === 1 ? this.#places.get(key) : undefined
      if (!places) continue
      let begin = position
      let end = position
      for (const { needle, at: index } of places) {
        const [before, after] = reach(needle.codes, index, squeezed, position)
        const isFound = needle.whole ? before + after === needle.codes.length : before + after >= PIECE
        if (
          !isFound ||
          before + after <= end - begin ||
          !isTogether(needle, view.text, at, position - before)
        )
          continue
        begin = position - before
        end = position + after
      }
      if (begin === end) continue
      found.push(view.toSource(at[begin]!, at[end - 1]! + 1))
      position = Math.max(position, end - GRAM)
    }
  }
}

/** How many characters before and from a position are those of the needle. */
function reach(
  needle: Uint16Array,
  index: number,
  { codes, length }: Squeezed,
  position: number,
): [number, number] {
  let before = 0
  while (before < index && before < position && needle[index - before - 1] === codes[position - before - 1])
    before++
  let after = 0
  while (
    index + after < needle.length &&
    position + after < length &&
    needle[index + after] === codes[position + after]
  )
    after++
  return [before, after]
}

/** Whether a short secret has white space only where it should have. A line end may be anywhere. */
function isTogether({ gaps, codes }: Needle, text: string, at: Int32Array, begin: number): boolean {
  if (!gaps) return true
  for (let index = 1; index < codes.length; index++) {
    const between = text.slice(at[begin + index - 1]! + 1, at[begin + index])
    if ((between !== '') !== gaps[index] && !between.includes('\n')) return false
  }
  return true
}

const MARKS = 1 << 15

function keyOf(codes: Uint16Array, at: number): number {
  return (codes[at]! << 21) ^ (codes[at + 1]! << 14) ^ (codes[at + 2]! << 7) ^ codes[at + 3]!
}

function markOf(key: number): number {
  return Math.imul(key, 0x9e3779b1) >>> 17
}
