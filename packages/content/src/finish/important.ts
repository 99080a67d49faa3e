import { TOKEN } from './css-parts.ts'
import { edited, type Edit } from './edit.ts'

/** What stands in braces: rules of `@media`, the declarations of one of them, or something else. */
type Kind = 'rules' | 'declarations' | 'other'

/**
 * Makes the rules of `@media` and `@supports` win over `style` attributes: each of their declarations gets `!important`, unless
 * it has it. Nothing else changes.
 */
export function important(css: string): string {
  const edits: Edit[] = []
  const kinds: Kind[] = []
  let brackets = 0
  let from = 0
  let written = ''
  for (const { 0: token, index } of css.matchAll(TOKEN)) {
    const isComment = token.startsWith('/*')
    written += css.slice(from, isComment ? index : index + token.length)
    from = index + token.length
    if (token === '(' || token === '[') brackets++
    if (token === ')' || token === ']') brackets--
    if (brackets > 0 || !/^[{};]$/.test(token)) continue
    if (token === '{') kinds.push(kindOf(written, kinds.at(-1)))
    else if (kinds.at(-1) === 'declarations' && NEEDS_IT.test(written.slice(0, -1))) {
      const end = css.slice(0, index).trimEnd().length
      edits.push({ start: end, end, text: ' !important' })
    }
    if (token === '}') kinds.pop()
    written = ''
  }
  return edited(css, edits)
}

/** A declaration that is not important (CSS Cascading and Inheritance Level 4, section 6.4.2). */
const NEEDS_IT = /^\s*[\w-]+\s*:\s*(?=\S)(?![^]*!\s*important\s*$)/i

function kindOf(prelude: string, outer: Kind | undefined): Kind {
  const [, atRule] = /^\s*@([\w-]+)/.exec(prelude) ?? []
  if (atRule === undefined) return outer === undefined || outer === 'other' ? 'other' : 'declarations'
  return /^(?:media|supports)$/i.test(atRule) ? (outer ?? 'rules') : 'other'
}
