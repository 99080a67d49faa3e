import type { HtmlToTextOptions } from 'html-to-text'
import { TemplateProblem } from '../template-problem.ts'
import { alternative, cell, link, raised, table } from './text-formats.ts'

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

/** The library knows nothing of these. */
const BLOCKS = ['address', 'center', 'dl', 'section']
const LINES = [
  'caption',
  'dd',
  'details',
  'dt',
  'fieldset',
  'figcaption',
  'figure',
  'legend',
  'summary',
  'tr',
]

const OPTIONS: HtmlToTextOptions = {
  wordwrap: false,
  // Nothing is cut off.
  limits: { maxInputLength: Number.POSITIVE_INFINITY },
  formatters: { link, alternative, cell, raised, tableOfEither: table },
  selectors: [
    { selector: 'a', format: 'link' },
    { selector: 'img', format: 'alternative' },
    ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({ selector, options: { uppercase: false } })),
    {
      selector: 'table',
      format: 'tableOfEither',
      options: { uppercaseHeaderCells: false, maxColumnWidth: undefined as never },
    },
    { selector: 'td', format: 'cell' },
    { selector: 'th', format: 'cell' },
    { selector: 'sup', format: 'raised' },
    ...BLOCKS.map((selector) => ({ selector, format: 'block' })),
    ...LINES.map((selector) => ({
      selector,
      format: 'block',
      options: { leadingLineBreaks: 1, trailingLineBreaks: 1 },
    })),
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
