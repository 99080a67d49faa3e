import { readFile, stat } from 'node:fs/promises'
import type { Place } from '../stack-place.ts'
import type { Missing } from './watch.ts'

/** A larger file, such as a bundle, is not read. */
const MOST_OCTETS = 1_000_000

/**
 * Behind the name of a value: `note ?? ''`, `note || ''`, `{ note = '' }`, `{ note: text = '' }`, and a condition, such as
 * `note ? note : null`, `note && …`, `note === undefined`, `if (note)`. `note?.length` and `note={note}` are neither.
 */
const DEFAULT = String.raw`(?:\s+as\s+[\w\s|]+)?["'\`\]\s)]*(?::\s*[\w$]+\s*)?(?:\?(?!\.)|\|\||&&|[!=]==?|=(?![>={"'\`]))`
/**
 * Whether a value may have a default, or is asked for in a condition, anywhere in the component that reads it. That is so if
 * the source cannot be read: a mail must not fail in production only because the sources are not there.
 */
export async function mayHaveDefault({ path, place }: Missing): Promise<boolean> {
  // Every component may have children.
  if (!place || path === 'children') return true
  const name = /[^.[\]"]+(?=[\]"]*$)/.exec(path)?.[0] ?? path
  const text = await textAround(place)
  if (text === undefined) return true
  const word = `(?<![\\w$-])${name.replaceAll(/[^\w]/g, String.raw`\$&`)}(?![\\w$-])`
  return new RegExp(`${word}${DEFAULT}|(?:!|\\bif\\s*\\()\\s*(?:[\\w$]+\\??\\.)*${word}`).test(text)
}

/** The lines from the last one before the place that begins with a word, to the next one. */
async function textAround({ file, line }: Place): Promise<string | undefined> {
  try {
    if ((await stat(file)).size > MOST_OCTETS) return undefined
    const lines = (await readFile(file, 'utf8')).split('\n')
    const start = lines.findLastIndex((each, index) => index < line && /^\w/.test(each))
    const end = lines.findIndex((each, index) => index >= line && /^\w/.test(each))
    return lines.slice(Math.max(0, start), end < 0 ? undefined : end).join('\n')
  } catch {
    return undefined
  }
}
