/** A part of a style sheet: rules that can move into elements, or something that stays where it is. */
export interface CssPart {
  readonly text: string
  readonly canMove: boolean
}

/** A style sheet whose brackets do not match: mail programs would ignore some of its rules. */
export class BrokenCss extends Error {
  /** The text up to the bracket. */
  readonly before: string

  constructor(message: string, before: string) {
    super(message)
    this.before = before
  }
}

/** Comments, strings and brackets (CSS Syntax Module Level 3, section 4). */
export const TOKEN =
  /\/\*[\s\S]*?(?:\*\/|$)|"(?:\\[\s\S]|[^"\\\n])*"?|'(?:\\[\s\S]|[^'\\\n])*'?|\\[\s\S]|[{}()[\];]|<!--|-->/g
const CLOSES: Readonly<Record<string, string>> = { '{': '}', '(': ')', '[': ']' }

/**
 * Takes a style sheet apart, in its order. At-rules, such as `@media`, and rules that contain rules stay where they are.
 *
 * @throws BrokenCss
 */
export function cssParts(css: string): CssPart[] {
  const parts: { text: string; canMove: boolean }[] = []
  const open: { readonly bracket: string; readonly at: number }[] = []
  let from = 0
  let isNested = false
  const finish = (end: number): void => {
    const text = css.slice(from, end)
    const isAtRule = /^(?:\s|\/\*[\s\S]*?\*\/|<!--|-->)*@/.test(text)
    const canMove = !isAtRule && !isNested
    const last = parts.at(-1)
    if (last?.canMove === canMove) last.text += text
    else parts.push({ text, canMove })
    from = end
    isNested = false
  }
  for (const { 0: token, index } of css.matchAll(TOKEN)) {
    if (token === ';' && open.length === 0) finish(index + 1)
    else if (token.length > 1) continue
    else if (CLOSES[token] !== undefined) {
      if (token === '{' && open.length > 0) isNested = true
      open.push({ bracket: token, at: index })
    } else if (token !== ';') {
      const last = open.pop()
      if (!last || CLOSES[last.bracket] !== token)
        throw new BrokenCss(
          last
            ? `the CSS has a ${last.bracket} that is not closed before a ${token}`
            : `the CSS has a ${token} too many`,
          css.slice(0, (last?.at ?? index) + 1),
        )
      if (open.length === 0 && token === '}') finish(index + 1)
    }
  }
  const left = open.at(0)
  if (left) throw new BrokenCss(`the CSS has a ${left.bracket} that is not closed`, css.slice(0, left.at + 1))
  if (from < css.length) finish(css.length)
  return parts
}

/** What stands outside of braces and comments in a style sheet whose brackets match. */
export function selectorsOf(css: string): string {
  let selectors = ''
  let from = 0
  let depth = 0
  for (const { 0: token, index } of css.matchAll(TOKEN)) {
    if (depth === 0 && (token === '{' || token.startsWith('/*'))) {
      selectors += `${css.slice(from, index)} `
      from = index + token.length
    }
    if (token === '{') depth++
    if (token === '}' && --depth === 0) from = index + 1
  }
  return selectors + css.slice(from)
}
