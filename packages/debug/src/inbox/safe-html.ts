import type { DefaultTreeAdapterTypes } from 'parse5'
import { comparableId, replaceCids } from './content-id.ts'
import type { ReadAttachment } from './read-mail.ts'

type Element = DefaultTreeAdapterTypes.Element
type ParentNode = DefaultTreeAdapterTypes.ParentNode

/** Elements that do something instead of showing something. The sandbox and policy of the frame forbid it anyway. */
const ACTING = new Set(
  [
    'script iframe frame frameset noframes object embed applet base meta link template portal',
    'animate animatemotion animatetransform set',
  ].flatMap((names) => names.split(' ')),
)
/** Where links of a message may lead. */
const LINK = /^(?:https?:|mailto:|tel:)/i
const ELSEWHERE = [
  { name: 'target', value: '_blank' },
  { name: 'rel', value: 'noopener noreferrer' },
]
/** How many characters of embedded images one page may have: it can show the same large image a thousand times. */
const EMBEDDED_MAX = 64 * 2 ** 20
const LINK_ATTRIBUTES = new Set(['href', 'target', 'rel', 'ping', 'download'])

/** Parsed without scripting, as in the frame: otherwise only the frame would read what is in <noscript>. */
const AS_IN_THE_FRAME = { scriptingEnabled: false }
/** How often a document is parsed until it no longer changes. */
const READINGS_MAX = 5

/**
 * A document that shows the HTML of a message: without scripts, frames, forms and redirects, with links that open a new
 * window without a referrer, and with its embedded images in it.
 *
 * @throws Error if it changes every time it is parsed, or is nested too deep
 */
export async function safeHtml(source: string, attachments: readonly ReadAttachment[]): Promise<string> {
  // Loaded on demand: sending does not need it.
  const { parse, serialize } = await import('parse5')
  let html = source
  for (let readings = 0; readings < READINGS_MAX; readings++) {
    const document = parse(html, AS_IN_THE_FRAME)
    clean(document, asItIs)
    const cleaned = serialize(document, AS_IN_THE_FRAME)
    if (readings > 0 && withoutFirstBreaks(cleaned) === withoutFirstBreaks(html)) {
      clean(document, embedded(attachments))
      return serialize(document, AS_IN_THE_FRAME)
    }
    // A browser may parse the result differently, in foreign elements for example, so it is parsed again.
    html = cleaned
  }
  throw new Error('it changes every time it is parsed')
}

/** Every time it is parsed, such an element loses a line break at its beginning. */
function withoutFirstBreaks(html: string): string {
  return html.replaceAll(/(<(?:pre|listing|textarea)\b[^>]*>)\n+/g, '$1')
}

const asItIs = (text: string): string => text

/** Whether a message seems to load remote content; it may be wrong in doubt. */
export function wantsRemote(source: string): boolean {
  return /(?:\bsrc(?:set)?|\bbackground|\bposter|\bhref)\s*=[\s"']*(?:https?:)?\/\/|url\([\s"']*(?:https?:)?\/\/|@import/i.test(
    source.replaceAll(/<a\b[^<>]*>/gi, ''),
  )
}

function clean(parent: ParentNode, withImages: (text: string) => string): void {
  parent.childNodes = parent.childNodes.filter(
    (node) => node.nodeName !== '#comment' && !ACTING.has(node.nodeName.toLowerCase()),
  )
  for (const node of parent.childNodes) {
    if ('tagName' in node) {
      cleanAttributes(node, withImages)
      clean(node, withImages)
    } else if ('value' in node && parent.nodeName === 'style') node.value = withImages(node.value)
  }
}

function cleanAttributes(element: Element, withImages: (text: string) => string): void {
  if (element.tagName === 'form') {
    element.tagName = element.nodeName = 'div'
    element.attrs = element.attrs.filter(({ name }) => name === 'style' || name === 'class')
  }
  // An image with a name stands in front of what a document has under that name, which our own scripts use.
  if (element.tagName === 'img') element.attrs = element.attrs.filter(({ name }) => name !== 'name')
  const isLink = element.tagName === 'a' || element.tagName === 'area'
  const href =
    element.attrs.find(({ name, prefix }) => name === 'href' && prefix === undefined)?.value.trim() ?? ''
  element.attrs = element.attrs
    .filter(({ name }) => !/^on/i.test(name) && !(LINK_ATTRIBUTES.has(name) && (isLink || name === 'href')))
    .map((attribute) => ({ ...attribute, value: withImages(attribute.value) }))
  if (!isLink) return
  if (LINK.test(href)) element.attrs.push({ name: 'href', value: href }, ...ELSEWHERE)
  // It leads to a place in the same message.
  else if (href.startsWith('#')) element.attrs.push({ name: 'href', value: href })
}

/** Replaces content ids (RFC 2392) by the images of the message, so that no request is needed. */
function embedded(attachments: readonly ReadAttachment[]): (text: string) => string {
  const images = attachments.filter(
    ({ type, contentId }) => contentId !== undefined && /^image\/[\w.+-]+$/.test(type),
  )
  const urls = new Map<string, string>()
  for (const { contentId, type, content } of images) {
    const url = `data:${type};base64,${Buffer.from(content).toString('base64')}`
    urls.set(contentId!, url)
    const comparable = comparableId(contentId!)
    if (!urls.has(comparable)) urls.set(comparable, url)
  }
  let left = EMBEDDED_MAX
  return (text) =>
    replaceCids(text, (id) => {
      const url = urls.get(id) ?? urls.get(comparableId(id))
      left -= url?.length ?? 0
      return left < 0 ? undefined : url
    })
}
