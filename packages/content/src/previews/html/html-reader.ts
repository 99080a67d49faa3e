import type { Handler } from 'htmlparser2'
import { addContentIds } from './content-ids.ts'
import type { FoundHtml, FoundImage, FoundLink } from './found-html.ts'

type Attributes = Readonly<Record<string, string>>

/** Nobody reads what is in them. */
const SILENT: ReadonlySet<string> = new Set(['head', 'script', 'style', 'template', 'title'])

/** What is in them is an example, and may look like a mistake. */
const CODE: ReadonlySet<string> = new Set(['code', 'kbd', 'pre', 'samp'])

/** They stand within a word or a line. */
const INLINE: ReadonlySet<string> = new Set(
  'a abbr b bdi bdo cite code em font i kbd mark q s samp small span strike strong sub sup tt u wbr'.split(
    ' ',
  ),
)

/** The attributes that can show a file. */
const SHOWING = ['src', 'srcset', 'background', 'poster', 'href', 'style'] as const

/** A width that only CSS has. */
const STYLED_WIDTH = /(?:^|;)\s*(?:max-)?width\s*:/i

/** Not fonts: where they are dropped, another one is shown. */
const REMOTE_SHEET = /^(?:https?:)?\/\/(?!fonts?\.|use\.typekit\.)/i

const LONGEST_LABEL = 80

interface OpenLink {
  readonly attributes: Attributes
  label: string
}

/** Notes what it hears from the parser. */
export class HtmlReader implements Partial<Handler> {
  /** Elements that are open. */
  depth = 0
  readonly #links: FoundLink[] = []
  readonly #images: FoundImage[] = []
  readonly #dropped: string[] = []
  readonly #text: string[] = []
  readonly #labels: string[] = []
  readonly #shownIds = new Set<string>()
  readonly #idsInComments = new Set<string>()
  readonly #places = new Set<string>()
  #silent = 0
  #code = 0
  #link: OpenLink | undefined

  onopentag(name: string, attributes: Attributes): void {
    this.depth++
    if (SILENT.has(name)) this.#silent++
    if (CODE.has(name)) this.#code++
    if (!INLINE.has(name)) this.#text.push(' ')
    for (const each of SHOWING) if (attributes[each]) addContentIds(attributes[each], this.#shownIds)
    for (const place of [attributes['id'], name === 'a' ? attributes['name'] : undefined])
      if (place) this.#places.add(place)
    if (name === 'a') this.#beginLink(attributes)
    else if (name === 'area') this.#links.push(linkOf({ attributes, label: attributes['alt'] ?? '' }))
    else if (name === 'img') this.#addImage(attributes)
    else if (isDropped(name, attributes)) this.#dropped.push(attributes['href'] ?? attributes['src'] ?? name)
    for (const label of [attributes['alt'], attributes['title']]) if (label) this.#labels.push(label)
  }

  onclosetag(name: string): void {
    this.depth--
    if (SILENT.has(name)) this.#silent--
    if (CODE.has(name)) this.#code--
    if (!INLINE.has(name)) this.#text.push(' ')
    if (name === 'a') this.#endLink()
  }

  ontext(text: string): void {
    // Images in CSS.
    if (this.#silent > 0) return addContentIds(text, this.#shownIds)
    if (this.#code === 0) this.#text.push(text)
    if (this.#link && this.#link.label.length < LONGEST_LABEL) this.#link.label += text
  }

  oncomment(comment: string): void {
    addContentIds(comment, this.#idsInComments)
  }

  found(isTooDeep: boolean): FoundHtml {
    this.#endLink()
    return {
      links: this.#links,
      images: this.#images,
      dropped: this.#dropped,
      text: this.#text.join('').replaceAll(/\s+/g, ' '),
      labels: this.#labels,
      shownIds: this.#shownIds,
      idsInComments: this.#idsInComments,
      places: this.#places,
      isTooDeep,
    }
  }

  /** A link in a link ends the one outside. */
  #beginLink(attributes: Attributes): void {
    this.#endLink()
    this.#link = { attributes, label: '' }
  }

  #endLink(): void {
    if (this.#link) this.#links.push(linkOf(this.#link))
    this.#link = undefined
  }

  #addImage(attributes: Attributes): void {
    const { src, alt, width, style = '' } = attributes
    this.#images.push({
      src: src?.trim(),
      alt,
      hasWidthInStyleOnly: !width && STYLED_WIDTH.test(style),
    })
    if (this.#link && alt) this.#link.label += alt.slice(0, LONGEST_LABEL)
  }
}

/** Gmail reads scripts of JSON for its buttons beside the subject. */
function isDropped(name: string, { type = '', rel = '', href = '' }: Attributes): boolean {
  if (name === 'script') return !/json/i.test(type)
  return (
    name === 'iframe' || (name === 'link' && /\bstylesheet\b/i.test(rel) && REMOTE_SHEET.test(href.trim()))
  )
}

function linkOf({ attributes, label }: OpenLink): FoundLink {
  const { href, id, name } = attributes
  const shown = label.slice(0, LONGEST_LABEL).replaceAll(/\s+/g, ' ').trim()
  return { href: href?.trim(), isAnchor: href === undefined && Boolean(id || name), label: shown }
}
