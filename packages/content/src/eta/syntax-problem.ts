import { Script } from 'node:vm'
import { positionOf } from '../position-of.ts'
import { TemplateProblem } from '../template-problem.ts'
import { bracketsIn, type Tag } from './tags.ts'

/** What is wrong with the tags of a template: the parser of Eta says it with a line and a column. */
export function tagProblem(error: unknown, file: string | undefined): TemplateProblem {
  const message = error instanceof Error ? error.message : String(error)
  const [, why, line, column] = /^(.*?) at line (\d+) col (\d+)/.exec(message) ?? []
  if (why === undefined) return new TemplateProblem(message.split('\n', 1)[0]!, { file, cause: error })
  return new TemplateProblem(why.replace(/^unclosed (\w+)/, 'the $1 does not end'), {
    file,
    line: Number(line),
    column: Number(column),
    cause: error,
  })
}

/**
 * What is wrong with the code in the tags.
 *
 * @param code the code that was made of the template. In it, a comment such as `/*@3*\/` is in front of the code of a tag
 */
export function codeProblem(
  code: string,
  {
    text,
    tags,
    file,
  }: { readonly text: string; readonly tags: readonly Tag[]; readonly file: string | undefined },
): TemplateProblem {
  const { message, index } = compileError(code)
  const at = index === undefined ? undefined : inTag(code, index, tags)
  const brace = at === undefined || message.startsWith("Unexpected token '}") ? unpaired(tags) : undefined
  if (brace)
    return new TemplateProblem(brace.message, { file, line: brace.tag.line, column: brace.tag.column })
  const isAwaiting = tags.some(
    ({ code: inside, index: from }) =>
      at !== undefined && at >= from && at <= from + inside.length && /\bawait\b/.test(inside),
  )
  const why = isAwaiting ? 'a template cannot use await: wait before it is filled' : message
  return new TemplateProblem(why, { file, ...(at !== undefined && positionOf(text, at)) })
}

const PREFIX = '(function(it,options){'

/** V8 says where the error is in front of the stack: the file and line, the line itself, and a mark under the place. */
function compileError(code: string): { readonly message: string; readonly index: number | undefined } {
  try {
    // oxlint-disable-next-line no-new
    new Script(`${PREFIX}${code}\n})`, { filename: 'template' })
    return { message: 'a tag has code that is not valid', index: undefined }
  } catch (error) {
    const { message, stack = '' } = error as Error
    const [, line, mark] = /^template:(\d+)\n[^\n]*\n(\s*)\^/.exec(stack) ?? []
    if (line === undefined) return { message, index: undefined }
    const lines = code.split('\n').slice(0, Number(line) - 1)
    const prefix = Number(line) === 1 ? PREFIX.length : 0
    return { message, index: lines.join('\n').length + (lines.length > 0 ? 1 : 0) + mark!.length - prefix }
  }
}

/** The place in the template for a place in its code, if that is in a tag. */
function inTag(code: string, index: number, tags: readonly Tag[]): number | undefined {
  const before = code.slice(0, index)
  const [mark] = /\/\*@\d+\*\/(?!.*\/\*@\d+\*\/)/s.exec(before) ?? []
  if (mark === undefined) return undefined
  const tag = tags[Number(/\d+/.exec(mark)?.[0])]!
  const offset = index - before.lastIndexOf(mark) - mark.length
  // What follows on the line is put there by Eta: something is missing at the end of the tag.
  if (before.slice(before.lastIndexOf(mark) + mark.length + tag.code.length).includes('\n')) return undefined
  return tag.index + Math.min(offset, tag.code.length)
}

/** The tag with a brace that no other tag closes, or that closes none. */
function unpaired(tags: readonly Tag[]): { readonly tag: Tag; readonly message: string } | undefined {
  const open: Tag[] = []
  for (const tag of tags)
    for (const bracket of bracketsIn(tag.code))
      if (bracket === '{') open.push(tag)
      else if (bracket === '}' && !open.pop()) return { tag, message: 'the } in this tag closes nothing' }
  const tag = open.at(-1)
  return tag && { tag, message: 'the { in this tag is not closed' }
}

/** Whether a function of this name can be called in code. */
export function isCallable(name: string): boolean {
  if (!/^[A-Za-z_$][\w$]*$/.test(name)) return false
  try {
    return new Script(`const {${name}}={}`) instanceof Script
  } catch {
    return false
  }
}
