import { cssInliner } from './css-inliner.ts'
import type { CssPart } from './css-parts.ts'
import { edited, type Edit } from './edit.ts'
import { scan, type Scanned, type Tag } from './scan.ts'
import type { StyleSheet } from './style-sheets.ts'

/** A style sheet in its parts. */
export interface DividedSheet {
  readonly sheet: StyleSheet
  readonly parts: readonly CssPart[]
}

/** An attribute that tells an element of the result from the others. */
const MARK = 'data-loudmail-mark'
/** Elements that are not shown have no style. */
const NOT_SHOWN = new Set([
  'base',
  'head',
  'link',
  'meta',
  'noscript',
  'script',
  'style',
  'template',
  'title',
])

/**
 * What changes when rules of style sheets move into `style` attributes. Rules that cannot move stay, in their order. The
 * library writes HTML anew as browsers do. Only its styles are taken, so that everything else stays as it was written, such as
 * the doctype and what is for Outlook.
 *
 * @param edits what changes besides, in the same HTML
 */
export async function inlineCss(
  html: string,
  { tags }: Scanned,
  sheets: readonly DividedSheet[],
  edits: readonly Edit[],
): Promise<Edit[]> {
  if (sheets.length === 0) return []
  const canMove = sheets.some(({ parts }) => parts.some((part) => part.canMove && part.text.trim() !== ''))
  const inlined = canMove ? await marked(html, tags, sheets, edits) : undefined
  const changed: Edit[] = sheets.map(({ sheet, parts }, index) => {
    const left = parts.map((part, number) =>
      part.canMove ? (inlined?.rules.get(`${index}.${number}`) ?? '') : part.text,
    )
    const css = left.join('\n').replaceAll(/\n{2,}/g, '\n')
    return {
      start: sheet.start,
      end: sheet.end,
      text: css.trim() === '' ? '' : `${sheet.opening}${css}</style>`,
    }
  })
  for (const [index, tag] of tags.entries()) {
    const style = inlined?.styles.get(String(index))
    if (style === undefined || style === '' || NOT_SHOWN.has(tag.name)) continue
    const old = tag.attributes.find(({ name }) => name === 'style')
    if (!old)
      changed.push({
        start: endOfAttributes(html, tag),
        end: endOfAttributes(html, tag),
        text: ` style="${style}"`,
      })
    else if (style !== html.slice(old.start, old.end)) {
      const quotes = old.isQuoted ? 1 : 0
      changed.push({ start: old.start - quotes, end: old.end + quotes, text: `"${style}"` })
    }
  }
  return changed
}

/** The styles of elements by the index of their tag, and the rules that are left, by sheet and part. */
async function marked(
  html: string,
  tags: readonly Tag[],
  sheets: readonly DividedSheet[],
  edits: readonly Edit[],
): Promise<{ styles: Map<string, string>; rules: Map<string, string> }> {
  const marks = tags.flatMap((tag, index) =>
    tag.inComment
      ? []
      : [
          {
            start: tag.nameEnd,
            end: tag.nameEnd,
            text: ` ${MARK}="${index}"${tag.name === 'style' ? ' data-css-inline="ignore"' : ''}`,
          },
        ],
  )
  const movable = sheets.map(({ sheet, parts }, index) => ({
    start: sheet.start,
    end: sheet.end,
    text: parts
      .map((part, number) => (part.canMove ? `<style ${MARK}="${index}.${number}">${part.text}</style>` : ''))
      .join(''),
  }))
  const inline = await cssInliner()
  const result = await inline(edited(html, [...movable, ...marks, ...edits]))
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

/** Where another attribute can stand. A slash at the end belongs to a value that has no quotes. */
function endOfAttributes(html: string, { nameEnd, end, attributes }: Tag): number {
  const least = Math.max(nameEnd, attributes.at(-1)?.end ?? 0)
  let at = end - 1
  if (html[at - 1] === '/' && at > least) at--
  while (at > least && /\s/.test(html[at - 1]!)) at--
  return at
}

function markOf(tag: Tag): string | undefined {
  return tag.attributes.find(({ name }) => name === MARK)?.value
}
