import { cssInliner } from './css-inliner.ts'
import { selectorsOf, type CssPart } from './css-parts.ts'
import { edited, type Edit } from './edit.ts'
import { important } from './important.ts'
import { MARK, readInlined, type Inlined } from './inlined.ts'
import { Recent } from './recent.ts'
import type { Scanned, Tag } from './scanned.ts'
import { skeleton } from './skeleton.ts'
import type { StyleSheet } from './style-sheets.ts'

/** A style sheet in its parts. */
export interface DividedSheet {
  readonly sheet: StyleSheet
  readonly parts: readonly CssPart[]
}

/** How many characters are kept of shortened HTML. */
const MOST_KEPT = 2_000_000
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
  scanned: Scanned,
  sheets: readonly DividedSheet[],
  edits: readonly Edit[],
): Promise<Edit[]> {
  if (sheets.length === 0) return []
  const canMove = sheets.some(({ parts }) => parts.some((part) => part.canMove && part.text.trim() !== ''))
  const inlined = canMove ? await marked(html, scanned, sheets, edits) : undefined
  const changed: Edit[] = sheets.map(({ sheet, parts }, index) => {
    const left = parts.map((part, number) =>
      part.canMove
        ? (inlined?.rules.get(`${index}.${number}`) ?? '')
        : canMove
          ? important(part.text)
          : part.text,
    )
    const css = left.join('\n').replaceAll(/\n{2,}/g, '\n')
    return {
      start: sheet.start,
      end: sheet.end,
      text: css.trim() === '' ? '' : `${sheet.opening}${css}</style>`,
    }
  })
  for (const [index, tag] of scanned.tags.entries()) {
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

/** What was made of HTML whose texts and addresses are left out, so that many mails share it. */
const known = new Recent<Inlined>(MOST_KEPT)

async function marked(
  html: string,
  scanned: Scanned,
  sheets: readonly DividedSheet[],
  edits: readonly Edit[],
): Promise<Inlined> {
  const movable = sheets.map(({ sheet, parts }, index) => ({
    start: sheet.start,
    end: sheet.end,
    text: parts
      .map((part, number) => (part.canMove ? `<style ${MARK}="${index}.${number}">${part.text}</style>` : ''))
      .join(''),
  }))
  const mark = (tag: Tag, index: number): string =>
    `${MARK}="${index}"${tag.name === 'style' ? ' data-css-inline="ignore"' : ''}`
  const css = sheets
    .map(({ parts }) => parts.map(({ text, canMove }) => (canMove ? text : '')).join(''))
    .join('')
  const short = skeleton(html, scanned, selectorsOf(css), mark)
  const inline = await cssInliner()
  if (!short) {
    const marks = scanned.tags.flatMap((tag, index) =>
      tag.inComment ? [] : [{ start: tag.nameEnd, end: tag.nameEnd, text: ` ${mark(tag, index)}` }],
    )
    return readInlined(await inline(edited(html, [...movable, ...marks, ...edits])))
  }
  const shortened = edited(html, [...movable, ...short, ...edits])
  return known.get(shortened) ?? known.set(shortened, readInlined(await inline(shortened)))
}

/** Where another attribute can stand. A slash at the end belongs to a value that has no quotes. */
function endOfAttributes(html: string, { nameEnd, end, attributes }: Tag): number {
  const least = Math.max(nameEnd, attributes.at(-1)?.end ?? 0)
  let at = end - 1
  if (html[at - 1] === '/' && at > least) at--
  while (at > least && /\s/.test(html[at - 1]!)) at--
  return at
}
