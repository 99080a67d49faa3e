import { readFile, stat } from 'node:fs/promises'
import type { Missing } from './watch.ts'

/** A larger file, such as a bundle, is not read. */
const MOST_OCTETS = 1_000_000

/** Behind the name of a value: `note ?? ''`, `note || ''`, `{ note = '' }`, `{ note: text = '' }`. */
const DEFAULT = /^["'`\]\s)]*(?::\s*[\w$]+\s*)?(?:\?\?|\|\||=(?![=>]))/

/**
 * Whether a value may have a default where it was read. That is so if the source cannot be read: a mail must not fail in
 * production only because the sources are not there.
 */
export async function mayHaveDefault({ path, place }: Missing): Promise<boolean> {
  if (!place) return true
  const name = /[^.[\]"]+(?=[\]"]*$)/.exec(path)?.[0] ?? path
  const line = await lineOf(place.file, place.line)
  if (line === undefined) return true
  // The column is that of the name, of what stands before it, or in a pattern that of its new name.
  const isRenamed = line
    .slice(0, place.column - 1)
    .trimEnd()
    .endsWith(':')
  const from = isRenamed
    ? line.lastIndexOf(name, place.column - 2)
    : line.indexOf(name, Math.max(0, place.column - 2))
  return from < 0 || DEFAULT.test(line.slice(from + name.length))
}

async function lineOf(file: string, line: number): Promise<string | undefined> {
  try {
    if ((await stat(file)).size > MOST_OCTETS) return undefined
    return (await readFile(file, 'utf8')).split('\n', line)[line - 1]
  } catch {
    return undefined
  }
}
