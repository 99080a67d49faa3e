import type { Edit } from './edit.ts'
import type { Scanned, Tag } from './scanned.ts'

/**
 * What makes HTML short and does not change which rules its elements match: each text becomes one letter, comments become
 * empty, and attributes go that no selector asks for. Mails of one template are then often the same.
 *
 * @param selectors of all rules
 * @returns undefined if browsers may read the HTML in another way than the scanner
 */
export function skeleton(
  html: string,
  { tags, texts, comments, hasOddEnds }: Scanned,
  selectors: string,
  markOf: (tag: Tag, index: number) => string,
): Edit[] | undefined {
  if (hasOddEnds || tags.some(({ name }) => SPECIAL.has(name))) return undefined
  const keepsAll = asksForAttributes(selectors)
  const edits: Edit[] = []
  for (const [index, tag] of tags.entries()) {
    if (tag.inComment) continue
    let at = tag.nameEnd
    let before = ` ${markOf(tag, index)} `
    if (keepsAll || KEEPS_ALL.has(tag.name)) {
      edits.push({ start: at, end: at, text: before })
      continue
    }
    for (const { name, nameStart, end, isQuoted } of tag.attributes) {
      if (!KEPT.has(name)) continue
      edits.push({ start: at, end: nameStart, text: before })
      at = end + (isQuoted ? 1 : 0)
      before = ' '
    }
    edits.push({ start: at, end: tag.end, text: `${before}>` })
  }
  for (const { start, end } of texts) {
    if (end - start < 2) continue
    const text = html.slice(start, end)
    if (!text.includes('\0')) edits.push({ start, end, text: /[^\t\n\f\r ]/.test(text) ? 'x' : ' ' })
  }
  for (const { start, end } of comments)
    if (!/^-?>|--!?>|<!--/.test(html.slice(start, end))) edits.push({ start, end, text: '' })
  return edits
}

/** What stands in them is not read as usual, or not by all in the same way. */
const SPECIAL = new Set([
  'frameset',
  'iframe',
  'math',
  'noembed',
  'noframes',
  'noscript',
  'plaintext',
  'script',
  'select',
  'svg',
  'template',
  'textarea',
  'xmp',
])
/** Their attributes say how they are read. */
const KEEPS_ALL = new Set(['base', 'body', 'html', 'input', 'link', 'meta', 'style'])
const KEPT = new Set(['class', 'id', 'style', 'data-css-inline'])
/** These ask for the place of an element, or are never true in a mail that nobody has touched. */
const PLACES =
  /:(?:active|after|before|empty|first-child|first-letter|first-line|first-of-type|focus|hover|last-child|last-of-type|nth-(?:last-)?(?:child|of-type)|only-child|only-of-type|visited)(?![\w-])/gi

function asksForAttributes(selectors: string): boolean {
  return /[[\\:]/.test(selectors.replaceAll(PLACES, ''))
}
