import type { DefaultTreeAdapterTypes } from 'parse5'
import type { ReadAttachment } from './read-mail.ts'

type Element = DefaultTreeAdapterTypes.Element
type ParentNode = DefaultTreeAdapterTypes.ParentNode

/** Elements that act rather than show. The frame's sandbox and policy forbid what they do; they are not even sent. */
const ACTING = new Set(
  [
    'script iframe frame frameset noframes object embed applet base meta link template portal',
    'animate animatemotion animatetransform set',
  ].flatMap((names) => names.split(' ')),
)
/** Where links of a message may lead, and how far they may be trusted there. */
const LINK = /^(?:https?:|mailto:|tel:)/i
const ELSEWHERE = [
  { name: 'target', value: '_blank' },
  { name: 'rel', value: 'noopener noreferrer' },
]
/** Characters of embedded images in one page: a page can name the same large image a thousand times. */
const EMBEDDED_MAX = 64 * 2 ** 20
const LINK_ATTRIBUTES = new Set(['href', 'target', 'rel', 'ping', 'download'])

/** Without scripting, as in the frame: else what stands in <noscript> would be read there for the first time. */
const AS_IN_THE_FRAME = { scriptingEnabled: false }
/** How often a document may be another one when it is read again. */
const READINGS_MAX = 5

/**
 * A document that shows the HTML of a message: without scripts, frames, forms and redirects, with links that open
 * elsewhere and know nothing of where they were, and with its embedded images in it.
 *
 * @throws Error where it becomes another document each time it is read, or is nested too deep
 */
export async function safeHtml(source: string, attachments: readonly ReadAttachment[]): Promise<string> {
  // Loaded when somebody looks: sending does not need it.
  const { parse, serialize } = await import('parse5')
  let html = source
  for (let readings = 0; readings < READINGS_MAX; readings++) {
    const document = parse(html, AS_IN_THE_FRAME)
    const read = serialize(document, AS_IN_THE_FRAME)
    clean(document, asItIs)
    const cleaned = serialize(document, AS_IN_THE_FRAME)
    if (readings > 0 && cleaned === read) {
      clean(document, embedded(attachments))
      return serialize(document, AS_IN_THE_FRAME)
    }
    // What was written may be read as something else, of foreign elements say, so it is read once more.
    html = cleaned
  }
  throw new Error('it is another document each time it is read')
}

const asItIs = (text: string): string => text

/** Whether a message would load something from elsewhere; it may say so once too often. */
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
  const isLink = element.tagName === 'a' || element.tagName === 'area'
  const href =
    element.attrs.find(({ name, prefix }) => name === 'href' && prefix === undefined)?.value.trim() ?? ''
  element.attrs = element.attrs
    .filter(({ name }) => !/^on/i.test(name) && !(LINK_ATTRIBUTES.has(name) && (isLink || name === 'href')))
    .map((attribute) => ({ ...attribute, value: withImages(attribute.value) }))
  if (!isLink) return
  if (LINK.test(href)) element.attrs.push({ name: 'href', value: href }, ...ELSEWHERE)
  // A place in the same message.
  else if (href.startsWith('#')) element.attrs.push({ name: 'href', value: href })
}

/** Puts images of the message in place of their content ids (RFC 2392), so that they need no request. */
function embedded(attachments: readonly ReadAttachment[]): (text: string) => string {
  const images = attachments.filter(
    ({ type, contentId }) => contentId !== undefined && /^image\/[\w.+-]+$/.test(type),
  )
  const urls = new Map(
    images.map(({ contentId, type, content }) => [
      contentId!,
      `data:${type};base64,${Buffer.from(content).toString('base64')}`,
    ]),
  )
  let left = EMBEDDED_MAX
  return (text) =>
    text.replaceAll(/cid:([^\s"'()<>]+)/gi, (whole, id: string) => {
      const url = urls.get(id) ?? urls.get(decoded(id)) ?? whole
      left -= url.length
      return left < 0 ? whole : url
    })
}

function decoded(id: string): string {
  try {
    return decodeURIComponent(id)
  } catch {
    return id
  }
}
