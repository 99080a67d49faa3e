import { relative } from 'node:path'
import type { Redact } from './redact.ts'
import { visible } from './transcript.ts'

/** A place in a source file, such as the line of a template that failed. */
export interface SourceLocation {
  /** The path of the file, as an absolute path if it is on disk. */
  readonly file: string
  /** The first line is 1. */
  readonly line?: number | undefined
  /** The first character of a line is 1. */
  readonly column?: number | undefined
  /** The line with the lines around it, and a mark under the column. Some lines of text, at most 4,000 characters. */
  readonly excerpt?: string | undefined
}

const MOST_PATH = 1_000
const MOST_EXCERPT = 4_000

/** A place that nobody can change, without secrets and without control characters. */
export function ownLocation({ file, line, column, excerpt }: SourceLocation, redact: Redact): SourceLocation {
  const lines = excerpt === undefined ? undefined : redact(excerpt).slice(0, MOST_EXCERPT).split(/\r?\n/)
  return Object.freeze({
    file: visible(redact(file).slice(0, MOST_PATH)),
    line,
    column,
    excerpt: lines?.map((each) => visible(each.replaceAll('\t', ' '))).join('\n'),
  })
}

/**
 * A place as people read it, `templates/welcome.hbs:3:12`: with the path from the working directory if it leads down from
 * there.
 */
export function placeOf({ file, line, column }: SourceLocation): string {
  const path = relative('', file)
  const shown = path === '' || path.startsWith('..') ? file : path
  return [shown, line, line === undefined ? undefined : column].filter((part) => part !== undefined).join(':')
}
