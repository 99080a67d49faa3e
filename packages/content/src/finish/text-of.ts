import type { DomNode, FormatCallback, HtmlToTextOptions } from 'html-to-text'
import { TemplateProblem } from '../template-problem.ts'

type Convert = (html: string) => string

let loading: Promise<Convert> | undefined

/**
 * The text of HTML, for readers and programs that show no HTML. Lines are not wrapped.
 *
 * @throws TemplateProblem if elements are nested too deep
 */
export async function textOf(html: string): Promise<string> {
  loading ??= import('html-to-text').then(({ compile }) => compile(OPTIONS))
  const convert = await loading
  const shown = html.replaceAll(COMMENT, '')
  try {
    if (isTooDeep(shown)) throw new RangeError('too deep')
    return tidy(convert(shown))
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    throw new TemplateProblem(
      'the HTML is nested too deep to make a text of it. Give the template a text, or makeText: false',
      { cause },
    )
  }
}

/** In a list, a comment would count as an item. */
const COMMENT = /<!--(?:-?>|[\s\S]*?(?:--!?>|$))/g
/** The library takes seconds for what is nested much deeper, and then its stack is full. */
const DEEPEST = 1500
/** They have no end, or need none. */
const ENDLESS =
  /^(?:area|base|br|col|dd|dt|embed|hr|img|input|li|link|meta|option|p|param|source|t[drh]|tbody|tfoot|thead|track|wbr)$/i

function isTooDeep(html: string): boolean {
  if (html.split('<', DEEPEST).length < DEEPEST) return false
  let depth = 0
  for (const [, slash, name] of html.matchAll(/<(\/?)([a-z][a-z0-9:-]*)/gi)) {
    if (ENDLESS.test(name!)) continue
    depth = slash === '/' ? Math.max(0, depth - 1) : depth + 1
    if (depth > DEEPEST) return true
  }
  return false
}

/** The words of a link with its URL, unless they are the URL. */
const link: FormatCallback = (element, walk, builder) => {
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

const alternative: FormatCallback = (element, _, builder) => {
  const alt = String(element.attribs?.['alt'] ?? '').trim()
  if (alt !== '') builder.addInline(alt)
}

/** To lay out a larger table takes too long. */
const MOST_CELLS = 2000

/** A table of data keeps its columns; one that is for the layout flows. */
const table: FormatCallback = (element, walk, builder, options) => {
  const name = isDataTable(element) ? 'dataTable' : 'block'
  builder.options.formatters[name]!(element, walk, builder, options)
}

const cell: FormatCallback = (element, walk, builder) => {
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

/** What mail hides, such as the text that lists of mails show beside the subject. */
const HIDDEN = [
  '[hidden]',
  ...['display:none', 'display: none', 'visibility:hidden', 'visibility: hidden'].map(
    (style) => `[style*="${style}"i]`,
  ),
  ...['max-height:0', 'max-height: 0'].flatMap((height) =>
    ['overflow:hidden', 'overflow: hidden'].map((overflow) => `[style*="${height}"i][style*="${overflow}"i]`),
  ),
]

const OPTIONS: HtmlToTextOptions = {
  wordwrap: false,
  // Nothing is cut off.
  limits: { maxInputLength: Number.POSITIVE_INFINITY },
  formatters: { link, alternative, cell, tableOfEither: table },
  selectors: [
    { selector: 'a', format: 'link' },
    { selector: 'img', format: 'alternative' },
    ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({ selector, options: { uppercase: false } })),
    {
      selector: 'table',
      format: 'tableOfEither',
      options: { uppercaseHeaderCells: false, maxColumnWidth: undefined as never },
    },
    { selector: 'tr', format: 'block', options: { leadingLineBreaks: 1, trailingLineBreaks: 1 } },
    { selector: 'td', format: 'cell' },
    { selector: 'th', format: 'cell' },
    { selector: 'center', format: 'block' },
    { selector: 'section', format: 'block' },
    { selector: 'address', format: 'block' },
    ...['head', 'title', 'style', 'script', 'template', ...HIDDEN].map((selector) => ({
      selector,
      format: 'skip',
    })),
  ],
}

/** Spaces that only fill a line are none, and no line ends with one. */
function tidy(text: string): string {
  return text
    .replaceAll(/ ?(?:(?:[\u00A0\u00AD\u2007\u200B-\u200F\uFEFF]|\u034F) ?){3,}/g, ' ')
    .replaceAll('\u00A0', ' ')
    .replaceAll(/(?<![ \t])[ \t]+$/gm, '')
    .replaceAll(/\n{4,}/g, '\n\n\n')
    .trim()
}
