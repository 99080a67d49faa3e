import { readFile } from 'node:fs/promises'
import type { TemplateSource } from '../engine.ts'
import { excerptOf } from '../excerpt.ts'
import { TemplateProblem } from '../template-problem.ts'
import type { MarkupProblem } from './markup-problem.ts'

/** The problem with its place in the source, if it can be found there, or with an excerpt of the markup. */
export async function problemInSource(
  { message, file, line, tag, cause }: MarkupProblem,
  markup: string,
  source: TemplateSource,
): Promise<TemplateProblem> {
  if (file !== undefined || line === undefined) return new TemplateProblem(message, { file, line, cause })
  if (source.text === markup) return new TemplateProblem(message, { line, cause })
  // A function has no text: its markup stands in the program, usually word for word.
  const text = source.code ? await readFile(source.file, 'utf8').catch(() => '') : source.text
  const found = lineInSource(markup, line, tag ?? '', text)
  if (found === undefined)
    return new TemplateProblem(message, { file: source.file, excerpt: excerptOf(markup, line), cause })
  return new TemplateProblem(message, { file: source.code && source.file, line: found, cause })
}

/** The line of the source that became this line, if there is only one that it can be. */
function lineInSource(markup: string, line: number, tag: string, source: string): number | undefined {
  const shown = markup.split('\n')[line - 1] ?? ''
  // The tag as a whole, then the line; or the tag has kept its place among those of its name.
  const opening = new RegExp(`<${tag}(?=[\\s/>])[^>]*>`).exec(
    markup
      .split('\n')
      .slice(line - 1)
      .join('\n'),
  )?.[0]
  for (const words of [opening, shown.trim()]) {
    const at = words ? source.indexOf(words) : -1
    if (at >= 0 && !source.includes(words!, at + 1)) return lineAt(source, at)
  }
  const before = places(markup, tag)
  const after = places(source, tag)
  return before.length === after.length ? after[before.indexOf(line)] : undefined
}

function places(text: string, tag: string): number[] {
  const pattern = new RegExp(`<${tag}(?=[\\s/>])`, 'g')
  return [...text.matchAll(pattern)].map(({ index }) => lineAt(text, index))
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length
}
