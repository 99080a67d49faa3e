import { readFile, stat } from 'node:fs/promises'
import { MailError, type SourceLocation } from '@loudmail/core'
import { excerptOf } from './excerpt.ts'
import { withoutMark } from './folder/read-text.ts'
import { placeOfError } from './stack-place.ts'
import { TemplateProblem } from './template-problem.ts'

/** What a failure is about, as far as it is known before it happens. */
export interface FailingSource {
  /** The absolute path of the file that has the source. */
  readonly file: string
  /** The source, if it is a text in a program. Lines are counted in it. */
  readonly text?: string | undefined
  /** The line of `file` at which the template is made. */
  readonly line?: number | undefined
}

/** A larger file gives no excerpt. */
const MOST_OCTETS = 1_000_000
/** A longer message is cut. */
const MOST_CHARACTERS = 2000

/** The failure of a template, with its file, line, column and the lines around it. */
export async function templateFailure(cause: unknown, source: FailingSource): Promise<MailError> {
  if (MailError.is(cause)) return cause
  const problem = cause instanceof TemplateProblem ? cause : undefined
  return new MailError({
    stage: 'compose',
    kind: 'template',
    summary: saidBy(cause),
    location: withExcerpt(
      await locate(problem ?? placeOfError(cause, source.file), source),
      problem?.excerpt,
    ),
    cause: problem ? problem.cause : cause,
  })
}

/** What was thrown in words, whatever it is. The cause has all of a long message. */
function saidBy(cause: unknown): string {
  let words = ''
  try {
    words = String(cause instanceof Error ? cause.message || `${cause.name} without a message` : cause)
  } catch {
    words = 'it threw something that cannot be shown'
  }
  if (cause === undefined || cause === null) words = `it threw ${words}`
  if (/call stack size exceeded|stack overflow/i.test(words))
    words += '. Does a partial or layout include itself?'
  return words.length > MOST_CHARACTERS ? `${words.slice(0, MOST_CHARACTERS)}…` : words
}

function withExcerpt(location: SourceLocation, excerpt: string | undefined): SourceLocation {
  return excerpt === undefined ? location : { ...location, excerpt }
}

interface Found {
  readonly file?: string | undefined
  readonly line?: number | undefined
  readonly column?: number | undefined
}

async function locate(found: Found | undefined, source: FailingSource): Promise<SourceLocation> {
  const { line, column } = found ?? {}
  const file = found?.file ?? source.file
  const whole = await readText(file)
  if (line === undefined) return located(file, whole, found?.file === undefined ? source.line : undefined)
  if (found?.file !== undefined || source.text === undefined) return located(file, whole, line, column)
  // The text stands in a program, usually word for word.
  const at = whole === undefined ? -1 : offsetOf(source.text, whole, source.line)
  if (at < 0) return { file, line: source.line, excerpt: excerptOf(source.text, line, column) }
  const before = whole!.slice(0, at).split('\n')
  const shift = line === 1 ? before.at(-1)!.length : 0
  return located(file, whole, line + before.length - 1, column === undefined ? undefined : column + shift)
}

function located(
  file: string,
  text: string | undefined,
  line: number | undefined,
  column?: number,
): SourceLocation {
  const excerpt = text === undefined || line === undefined ? undefined : excerptOf(text, line, column)
  return { file, line, column, excerpt }
}

/** Where a text stands in a program: in quotes if it can be, and the first one at or after the line, or else the last. */
function offsetOf(text: string, program: string, line = 1): number {
  const start = program.split('\n', line - 1).join('\n').length
  const all: number[] = []
  for (let at = program.indexOf(text); at >= 0 && text !== ''; at = program.indexOf(text, at + 1))
    all.push(at)
  const quoted = all.filter((at) => {
    const quote = program[at - 1]
    return /["'`]/.test(quote ?? '') && program[at + text.length] === quote
  })
  const candidates = quoted.length > 0 ? quoted : all
  return candidates.find((at) => at >= start) ?? candidates.at(-1) ?? -1
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return (await stat(file)).size > MOST_OCTETS
      ? undefined
      : withoutMark(await readFile(file, 'utf8')).replaceAll('\r\n', '\n')
  } catch {
    return undefined
  }
}
