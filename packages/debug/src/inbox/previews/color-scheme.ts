import type { DefaultTreeAdapterTypes } from 'parse5'

type ParentNode = DefaultTreeAdapterTypes.ParentNode
type Element = DefaultTreeAdapterTypes.Element

/** The colours that the reader prefers. */
export type ColorScheme = 'light' | 'dark'

const QUERY = /\(\s*prefers-color-scheme\s*(?::\s*(light|dark)\s*)?\)/gi
const ALWAYS = '(min-width: 0px)'
const NEVER = '(max-width: -1px)'
const AS_IN_THE_FRAME = { scriptingEnabled: false }

/**
 * The same HTML as a reader with this preference sees it, whatever the browser prefers: media queries for it always apply,
 * those for the other one never. Content of `<noscript>` is shown, as in mail programs.
 */
export async function withColorScheme(source: string, scheme: ColorScheme): Promise<string> {
  const { parse, serialize } = await import('parse5')
  const document = parse(source, AS_IN_THE_FRAME)
  let declared = ''
  walk(document, (element) => {
    for (const attribute of element.attrs)
      if (attribute.name === 'media') attribute.value = decided(attribute.value, scheme)
    if (element.nodeName === 'style')
      for (const node of element.childNodes) if ('value' in node) node.value = decided(node.value, scheme)
    declared = declaredBy(element) ?? declared
    unwrapNoscript(element)
  })
  const html = serialize(document, AS_IN_THE_FRAME)
  // The page removes the element that says so, because others of its kind do something.
  return declared === '' ? html : `${html}<style>:root{color-scheme:${declared}}</style>`
}

/** Whether a mail seems to have colours of its own for readers who prefer dark ones. */
export function hasDarkStyles(source: string): boolean {
  return (
    /prefers-color-scheme\s*:\s*dark|\blight-dark\(|\bcolor-scheme\s*:[^;}]*\bdark\b/i.test(source) ||
    /<meta\b[^>]*\bname\s*=\s*["']?(?:supported-)?color-schemes?\b[^>]*\bdark\b/i.test(source)
  )
}

function decided(css: string, scheme: ColorScheme): string {
  return css.replaceAll(QUERY, (_query, asked?: string) =>
    asked === undefined || asked.toLowerCase() === scheme ? ALWAYS : NEVER,
  )
}

function declaredBy({ nodeName, attrs }: Element): string | undefined {
  const value = (wanted: string): string => attrs.find(({ name }) => name === wanted)?.value.trim() ?? ''
  if (nodeName !== 'meta' || !/^(?:color-scheme|supported-color-schemes)$/i.test(value('name')))
    return undefined
  return /^[a-z]+(?: +[a-z]+)*$/i.exec(value('content'))?.[0]
}

function unwrapNoscript(element: Element): void {
  element.childNodes = element.childNodes.flatMap((node) =>
    node.nodeName === 'noscript' && 'childNodes' in node ? node.childNodes : [node],
  )
}

function walk(parent: ParentNode, visit: (element: Element) => void): void {
  for (const node of parent.childNodes) {
    if (!('tagName' in node)) continue
    visit(node)
    walk(node, visit)
  }
}
