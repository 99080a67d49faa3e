/** A text without white space. Only the first `length` items count, and only until the next call. */
export interface Squeezed {
  readonly codes: Uint16Array
  /** Where each character is in the text. */
  readonly at: Int32Array
  readonly length: number
}

/** What is left out at line ends: only white space, reply codes at the start of lines too, or also the mark of a soft line break. */
export type Breaks = 'bare' | 'and prefixes' | 'and prefixes and marks'

const SCRATCH = 8_192
const scratch = { codes: new Uint16Array(SCRATCH), at: new Int32Array(SCRATCH) }
const WHITE = -1
const LF = 0x0a
const CR = 0x0d
const EQUALS = 0x3d
const NO_BREAK_SPACE = 0xa0
const PREFIX = /[ \t]*(?:[2-5]\d\d[ -])?(?:[245]\.\d{1,3}\.\d{1,3}[ \t])?/y

/** Leaves out white space, and changes characters to those that stand for them. */
export function squeeze(text: string, breaks: Breaks): Squeezed {
  const isShort = text.length <= SCRATCH
  const codes = isShort ? scratch.codes : new Uint16Array(text.length)
  const at = isShort ? scratch.at : new Int32Array(text.length)
  const marks = breaks === 'and prefixes and marks'
  let length = 0
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    const folded = code < 128 ? FOLDED[code]! : foldedOther(code)
    if (folded === WHITE) {
      if (code !== LF || breaks === 'bare') continue
      PREFIX.lastIndex = index + 1
      index += PREFIX.exec(text)![0].length
    } else if (code !== EQUALS || !marks || !isLineEnd(text, index + 1)) {
      codes[length] = folded
      at[length++] = index
    }
  }
  return { codes, at, length }
}

function isLineEnd(text: string, index: number): boolean {
  const code = text.charCodeAt(index)
  return code === LF || (code === CR && text.charCodeAt(index + 1) === LF)
}

/** Letters in lower case; what base64 and its form for URLs write differently becomes the same. */
const FOLDED = Int16Array.from({ length: 128 }, (_, code) => {
  if (code === 0x20 || (code >= 0x09 && code <= CR)) return WHITE
  if (code === 0x2d) return 0x2b
  return code === 0x5f ? 0x2f : String.fromCodePoint(code).toLowerCase().codePointAt(0)!
})

function foldedOther(code: number): number {
  if (code === NO_BREAK_SPACE) return WHITE
  const lower = String.fromCharCode(code).toLowerCase()
  return lower.length === 1 ? lower.charCodeAt(0) : code
}
