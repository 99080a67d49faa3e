import type { Scanned } from './scanned.ts'

/** A place in HTML that shows an image. */
export interface ImageReference {
  /** The URL or path, as it is meant. */
  readonly value: string
  readonly start: number
  readonly end: number
}

/** Every place that shows an image: `src`, `srcset`, `background`, `poster`, and `url()` in styles. */
export function imageReferences(html: string, { tags, styles }: Scanned): ImageReference[] {
  const found: ImageReference[] = []
  for (const { name: tag, attributes } of tags)
    for (const { name, value, start, end } of attributes)
      if (name === 'style') found.push(...urlsIn(html.slice(start, end), start))
      else if (name === 'srcset') found.push(...candidatesOf(html.slice(start, end), start))
      else if (name === 'background' || name === 'poster' || (name === 'src' && showsImage(tag)))
        found.push({ value, start, end })
  for (const { start, end } of styles) found.push(...urlsIn(html.slice(start, end), start))
  return found
}

/** VML of Outlook, such as `<v:fill src>`, shows images, too. */
function showsImage(tag: string): boolean {
  return tag === 'img' || tag === 'input' || tag.startsWith('v:')
}

/** Nothing in it looks at a text twice: a value of a stranger may be in a style. A comment that is not closed lasts to the end. */
const URL_IN_CSS =
  /\/\*[\s\S]*?(?:\*\/|$)|@import[^;]*|@font-face\s*\{[^}]*|url\(\s*(?:(?:"|&quot;|&#34;)((?:(?!&quot;|&#34;)[^"])*)(?:"|&quot;|&#34;)|(?:'|&#39;|&#x27;|&apos;)((?:(?!&#39;|&#x27;|&apos;)[^'])*)(?:'|&#39;|&#x27;|&apos;)|([^()"'&\s][^()"'\s]*))\s*\)/dgi

/** The `url()` of images in CSS. Those of other style sheets and of fonts are none. */
export function urlsIn(css: string, shift = 0): ImageReference[] {
  const found: ImageReference[] = []
  for (const { indices } of css.matchAll(URL_IN_CSS)) {
    const range = indices![1] ?? indices![2] ?? indices![3]
    if (!range) continue
    const value = css.slice(...range).replaceAll('&amp;', '&')
    found.push({ value, start: range[0] + shift, end: range[1] + shift })
  }
  return found
}

/** The URLs of a `srcset` (WHATWG HTML, section 4.8.4.2.1). */
function candidatesOf(srcset: string, shift: number): ImageReference[] {
  const found: ImageReference[] = []
  const next = /[\s,]*([^\s,]\S*)/y
  for (let match = next.exec(srcset); match; match = next.exec(srcset)) {
    const url = match[1]!.replace(/,+$/, '')
    const start = next.lastIndex - match[1]!.length
    found.push({ value: url.replaceAll('&amp;', '&'), start: start + shift, end: start + url.length + shift })
    if (url.length < match[1]!.length) continue
    const comma = srcset.indexOf(',', next.lastIndex)
    if (comma < 0) break
    next.lastIndex = comma
  }
  return found
}
