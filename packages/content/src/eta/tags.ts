import { positionOf } from '../position-of.ts'

/** A tag of a template, such as `<%= it.name %>`. */
export interface Tag {
  /** The code in it. */
  readonly code: string
  /** Where the code begins in the text. */
  readonly index: number
  /** The first line is 1. */
  readonly line: number
  /** The first character is 1. */
  readonly column: number
}

/**
 * Finds the tags that the parser of Eta has found, in their order: each begins at the first opening after the one before.
 *
 * @param codes the code of each tag
 */
export function tagsOf(text: string, codes: readonly string[]): Tag[] {
  let last = 0
  return codes.map((code) => {
    const index = text.indexOf(code, startOfCode(text, text.indexOf('<%', last)))
    last = index + code.length
    return { code, index, ...positionOf(text, index) }
  })
}

function startOfCode(text: string, open: number): number {
  const opening = /<%[-_]?\s*[=~]?\s*/y
  opening.lastIndex = open
  return opening.test(text) ? opening.lastIndex : open
}

/**
 * Makes a tag that is alone on its line take the end of the line with it. Eta can do so after every tag, but then
 * `Dear <%= it.name %>` at the end of a line swallows the line end, too.
 */
export function withoutEmptyLines(text: string): string {
  return text.replaceAll(/^([ \t]*<%(?![-_]?\s*[=~])(?:(?!%>)[^])*?)(?<![-_])%>(?=\r?\n)/gm, '$1-%>')
}

/** The files whose names are in a tag, as in `include('partials/button')`, with the place of each name in the text. */
export function namesIn({ code, index }: Tag): { readonly name: string; readonly index: number }[] {
  const bare = code.replaceAll(/\/\*[^]*?\*\/|(?<![:'"`])\/\/[^\n]*/g, (comment) =>
    ' '.repeat(comment.length),
  )
  return [
    ...bare.matchAll(/(?<![.\w$])(?:include|layout)\(\s*(?:'([^'\\\n]+)'|"([^"\\\n]+)")(?=\s*[,)])/g),
  ].map((match) => {
    const name = match[1] ?? match[2]!
    return { name, index: index + match.index + match[0].length - name.length - 1 }
  })
}

/** The brackets of a tag, without those in strings and comments. */
export function bracketsIn(code: string): string {
  const strings = /'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`(?:\\.|[^`\\])*`|\/\*[^]*?\*\//g
  return code.replaceAll(strings, '').replaceAll(/[^()[\]{}]/g, '')
}
