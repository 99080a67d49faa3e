import { parse, type DefaultTreeAdapterTypes } from 'parse5'

/** What a reader sees on a page. */
export interface ReadHtml {
  /** Its text, with a line for every block, line break and table cell. */
  readonly text: string
  /** The targets of its http, https and mailto links, in order. */
  readonly links: readonly string[]
}

/** Reads the HTML of a message as a browser does (WHATWG HTML). */
export function readHtml(html: string): ReadHtml {
  if (html === '') return { text: '', links: [] }
  const links: string[] = []
  // Without scripting, as in mail programs. With scripting, the text in <noscript> would be skipped.
  const text = textOf(parse(html, { scriptingEnabled: false }), links, false)
  return {
    text: text
      .replaceAll(/ *\n[ \n]*/g, '\n')
      .replaceAll(/ {2,}/g, ' ')
      .trim(),
    links,
  }
}

/** Elements that do not break the line. All others do. */
const INLINE = new Set(
  [
    'a abbr acronym b bdi bdo big cite code data del em font i ins kbd label mark nobr q s samp small span strike strong',
    'sub sup time tt u var wbr',
  ].flatMap((names) => names.split(' ')),
)
const UNSEEN = new Set(['head', 'style', 'script', 'title', 'template', 'iframe', 'noembed', 'noframes'])

function textOf(parent: DefaultTreeAdapterTypes.ParentNode, links: string[], isPre: boolean): string {
  return parent.childNodes
    .map((node) => {
      if (node.nodeName === '#text' && 'value' in node)
        return isPre ? node.value : node.value.replaceAll(/[\t\n\f\r ]+/g, ' ')
      if (!('tagName' in node) || UNSEEN.has(node.tagName)) return ''
      if (node.tagName === 'a' || node.tagName === 'area') links.push(...linkOf(node))
      const text = textOf(node, links, isPre || node.tagName === 'pre' || node.tagName === 'textarea')
      return INLINE.has(node.tagName) ? text : `\n${text}\n`
    })
    .join('')
}

/** The link of an element, without the characters that the URL standard removes. */
function linkOf({ attrs }: DefaultTreeAdapterTypes.Element): string[] {
  const href = attrs.find(({ name }) => name === 'href')?.value ?? ''
  // oxlint-disable-next-line no-control-regex
  const link = href.replaceAll(/^[\0- ]+|[\0- ]+$|[\t\n\r]/g, '')
  return /^(?:https?|mailto):./i.test(link) ? [link] : []
}
