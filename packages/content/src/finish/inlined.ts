import { scan } from './scan.ts'
import type { Tag } from './scanned.ts'

/** An attribute that tells an element of the result from the others. */
export const MARK = 'data-loudmail-mark'

/** The styles of elements by the index of their tag, and the rules that are left, by sheet and part. */
export interface Inlined {
  readonly styles: ReadonlyMap<string, string>
  readonly rules: ReadonlyMap<string, string>
}

/** What the library made of HTML whose tags have marks. */
export function readInlined(result: string): Inlined {
  const seen = scan(result)
  const styles = new Map<string, string>()
  for (const tag of seen.tags) {
    const mark = markOf(tag)
    const style = tag.attributes.find(({ name }) => name === 'style')
    // A browser makes two elements of one that is not closed where it should be. The first has its style.
    if (mark !== undefined && style && !styles.has(mark))
      styles.set(mark, result.slice(style.start, style.end))
  }
  const rules = new Map<string, string>()
  for (const { tag, start, end } of seen.styles) {
    const mark = markOf(tag)
    if (mark !== undefined) rules.set(mark, result.slice(start, end))
  }
  return { styles, rules }
}

function markOf(tag: Tag): string | undefined {
  return tag.attributes.find(({ name }) => name === MARK)?.value
}
