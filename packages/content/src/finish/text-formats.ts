import type { DomNode, FormatCallback } from 'html-to-text'

/** The words of a link with its URL, unless they are the URL. */
export const link: FormatCallback = (element, walk, builder) => {
  const href = urlOf(element)
  let text = ''
  builder.pushWordTransform((word) => {
    text += word
    return word
  })
  walk(element.children, builder)
  builder.popWordTransform()
  if (href === '' || bare(href) === bare(text)) return
  builder.addInline(text === '' ? href : ` (${href})`, { noWordTransform: true })
}

function urlOf({ attribs }: DomNode): string {
  const href = String(attribs?.['href'] ?? '').trim()
  if (/^(?:#|javascript:|$)/i.test(href)) return ''
  return href
    .replace(/^mailto:([^?]*).*/is, '$1')
    .replace(/^tel:/i, '')
    .replaceAll('(', '%28')
    .replaceAll(')', '%29')
    .replaceAll(/\s/g, '%20')
}

function bare(url: string): string {
  return url
    .replace(/^(?:https?:\/\/)?(?:www\.)?/i, '')
    .replace(/\/$/, '')
    .replaceAll(/(?:%20|[\s\u00A0-])+/g, '')
    .toLowerCase()
}

/** An image by its words. */
export const alternative: FormatCallback = (element, _, builder) => {
  const alt = String(element.attribs?.['alt'] ?? '').trim()
  if (alt !== '') builder.addInline(alt)
}

/** A price such as $8<sup>99</sup> would else be $899. */
export const raised: FormatCallback = (element, walk, builder) => {
  builder.pushWordTransform((word) => word.replaceAll(/\d/g, (digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)]!))
  walk(element.children, builder)
  builder.popWordTransform()
}

/** To lay out a larger table takes too long. */
const MOST_CELLS = 2000

/** A table of data keeps its columns; one that is for the layout flows. */
export const table: FormatCallback = (element, walk, builder, options) => {
  const name = isDataTable(element) ? 'dataTable' : 'block'
  // Of a table of data, the library takes rows only.
  if (name === 'dataTable')
    walk(
      element.children?.filter(({ name: child }) => child === 'caption'),
      builder,
    )
  builder.options.formatters[name]!(element, walk, builder, options)
}

/** A cell of a layout, apart from the next one. */
export const cell: FormatCallback = (element, walk, builder) => {
  walk(element.children, builder)
  builder.addInline(' ')
}

function isDataTable(element: DomNode): boolean {
  if (/^(?:presentation|none)$/i.test(String(element.attribs?.['role'] ?? ''))) return false
  let hasHeading = false
  let cells = 0
  const rest = [...(element.children ?? [])]
  for (let node = rest.pop(); node; node = rest.pop()) {
    if (node.name === 'table') return false
    if (node.name === 'th') hasHeading = true
    if (node.name === 'td' && ++cells > MOST_CELLS) return false
    rest.push(...(node.children ?? []))
  }
  return hasHeading
}
