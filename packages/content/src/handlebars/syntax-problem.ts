import { TemplateProblem } from '../template-problem.ts'
import { positionOf } from '../position-of.ts'

/** How the parser of Handlebars says where it stopped. */
const STOPPED =
  /^(?:Parse|Lexical) error on line (\d+)[^\n]*\n(.*)\n(-*)\^(?:\nExpecting .*, got '([A-Z_]+)')?/s
/** What opens and closes blocks, and what hides them. */
const BLOCKS =
  /\\\{\{|\{\{!--|\{\{!|\{\{~?(?:#>|#\*|[#^])\s*([^\s}~)]+)|\{\{~?\/\s*([^\s}~]+)|\{\{\{\{[^]*?\}\}\}\}/g

/** What is wrong with the syntax of a template, in a few words, and where. */
export function syntaxProblem(error: unknown, text: string, file: string | undefined): TemplateProblem {
  const { message, lineNumber, column } = error as { message: string; lineNumber?: number; column?: number }
  if (lineNumber !== undefined)
    return new TemplateProblem(saying(message), {
      file,
      line: lineNumber,
      column: (column ?? 0) + 1,
      cause: error,
    })
  const [, line, excerpt = '', before = '', token] = STOPPED.exec(message) ?? []
  const open = unclosed(text)
  if (open && (token === undefined || token === 'EOF'))
    return new TemplateProblem(open.message, { file, ...positionOf(text, open.index), cause: error })
  const index = indexOf(text, excerpt, before.length, Number(line))
  const place = index === undefined ? { line: Number(line) } : positionOf(text, index)
  const rest = index === undefined ? '' : text.slice(index)
  return new TemplateProblem(unexpected(token, rest), { file, ...place, cause: error })
}

/** `if doesn't match each - 2:3`. */
function saying(message: string): string {
  const short = message.replace(/ - \d+:\d+$/, '')
  const [, opened, closed] = /^(.+) doesn't match (.+)$/.exec(short) ?? []
  return opened === undefined ? short : `{{#${opened}}} is closed by {{/${closed}}}`
}

function unexpected(token: string | undefined, rest: string): string {
  if (token === 'EOF') return 'the template ends before this is complete'
  if (token === 'INVERSE' || token === 'OPEN_INVERSE_CHAIN')
    return '{{else}} is not in a block that can have one'
  if (token === 'OPEN_ENDBLOCK') return `${/^\{\{~?\/[^}]*\}?\}?/.exec(rest)?.[0] ?? '{{/'} closes no block`
  if (token === 'CLOSE' || token === 'CLOSE_UNESCAPED')
    return 'something is missing before these braces, or a brace is missing'
  const shown = /^\s*(\S{1,20})/.exec(rest)?.[1]
  return shown === undefined ? 'a tag is not complete' : `${JSON.stringify(shown)} is not expected here`
}

/**
 * The parser shows up to 20 characters before and after the place, without line ends. So they are looked for in a text
 * without line ends.
 */
function indexOf(text: string, excerpt: string, before: number, line: number): number | undefined {
  const [past, coming] = [excerpt.slice(0, before), excerpt.slice(before)].map((part) =>
    part.replaceAll(/^\.\.\.|\.\.\.$/g, ''),
  )
  const kept: number[] = []
  for (let index = 0; index < text.length; index++) if (text[index] !== '\n') kept.push(index)
  const flat = text.replaceAll('\n', '')
  const sought = past! + coming!
  let best: number | undefined
  for (let at = flat.indexOf(sought); at >= 0; at = flat.indexOf(sought, at + 1)) {
    const index = kept[at + past!.length] ?? text.length
    if (positionOf(text, index).line > line) break
    best = index
  }
  return best
}

/** The last block that is opened and not closed, or a comment or tag that does not end. */
function unclosed(text: string): { readonly message: string; readonly index: number } | undefined {
  const open: { readonly name: string; readonly index: number }[] = []
  const blocks = new RegExp(BLOCKS)
  for (let match = blocks.exec(text); match; match = blocks.exec(text)) {
    const [whole, name, closed] = match
    if (whole.startsWith('{{!')) {
      const end = text.indexOf(whole === '{{!--' ? '--' : '}}', blocks.lastIndex)
      if (end < 0) return { message: 'the comment does not end', index: match.index }
      blocks.lastIndex = end
    } else if (name !== undefined) open.push({ name, index: match.index })
    else if (closed !== undefined) open.pop()
  }
  const last = open.at(-1)
  return (
    last && {
      message: `the block ${last.name} is not closed: {{/${last.name}}} is missing`,
      index: last.index,
    }
  )
}
