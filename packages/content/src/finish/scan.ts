import { QuoteType, Tokenizer } from 'htmlparser2'
import type { Range, Scanned, StyleElement, Tag } from './scanned.ts'

/** Reads HTML once. Offsets are those of the text, so that everything else can be left as it is. */
export function scan(html: string): Scanned {
  const found = new Finder()
  found.read(html, 0, false)
  const title = found.title?.replaceAll(/[\s\u00A0]+/g, ' ').trim()
  const { tags, styles, texts, comments, hasOddEnds } = found
  return { tags, styles, texts, comments, hasOddEnds, title: title === '' ? undefined : title }
}

class Finder {
  readonly tags: Tag[] = []
  readonly styles: StyleElement[] = []
  readonly texts: { start: number; end: number }[] = []
  readonly comments: Range[] = []
  hasOddEnds = false
  title: string | undefined
  #svg = 0

  read(html: string, shift: number, inComment: boolean): void {
    let tag: Tag | undefined
    let attribute: { name: string; value: string; nameStart: number; start: number } | undefined
    let style: { tag: Tag; start: number } | undefined
    let inTitle = false
    const open = (): void => {
      if (!tag) return
      this.tags.push(tag)
      if (tag.name === 'style') style = { tag, start: tag.end }
      if (tag.name === 'svg') this.#svg++
      if (tag.name === 'title' && this.title === undefined && this.#svg === 0 && !inComment) {
        inTitle = true
        this.title = ''
      }
      tag = undefined
    }
    const tokenizer = new Tokenizer(
      { decodeEntities: true, xmlMode: false },
      {
        onopentagname: (start, end) => {
          tag = {
            name: html.slice(start, end).toLowerCase(),
            start: start - 1 + shift,
            nameEnd: end + shift,
            end: end + shift,
            attributes: [],
            inComment,
          }
        },
        onattribname: (start, end) => {
          attribute = { name: html.slice(start, end).toLowerCase(), value: '', nameStart: start, start: -1 }
        },
        onattribdata: (start, end) => {
          if (!attribute) return
          if (attribute.start < 0) attribute.start = start
          attribute.value += html.slice(start, end)
        },
        onattribentity: (code) => {
          if (attribute) attribute.value += String.fromCodePoint(code)
        },
        onattribend: (quote, end) => {
          if (tag && attribute && quote !== QuoteType.NoValue) {
            const isQuoted = quote !== QuoteType.Unquoted
            const { name, value, nameStart } = attribute
            const start = startOfValue(html, end, quote, attribute.start)
            const last = isQuoted ? end - 1 : end
            tag.attributes.push({
              name,
              value,
              nameStart: nameStart + shift,
              start: start + shift,
              end: last + shift,
              isQuoted,
            })
          }
          attribute = undefined
        },
        onopentagend: (end) => {
          if (tag) tag.end = end + 1 + shift
          open()
        },
        onselfclosingtag: (end) => {
          const isSvg = tag?.name === 'svg'
          if (tag) tag.end = end + 1 + shift
          open()
          if (isSvg) this.#svg--
        },
        onclosetag: (start, end) => {
          const name = html.slice(start, end).toLowerCase()
          if (html[end] !== '>' && !/^\s*>/.test(html.slice(end, end + 100))) this.hasOddEnds = true
          if (name === 'title') inTitle = false
          if (name === 'svg' && this.#svg > 0) this.#svg--
          if (name === 'style' && style) {
            const { tag: opened, start: from } = style
            this.styles.push({ tag: opened, start: from, end: start - 2 + shift })
            style = undefined
          }
        },
        oncomment: (start, end, offset) => {
          if (!inComment && offset === 2 && html.startsWith('<!--', start - 4))
            this.comments.push({ start, end: end - offset })
          if (!inComment && /^\[if\b/i.test(html.slice(start, start + 4)))
            this.read(html.slice(start, end - offset), start + shift, true)
        },
        ontext: (start, end) => {
          if (!inComment) this.#text(start, end)
          if (inTitle) this.title += html.slice(start, end)
        },
        ontextentity: (code, end) => {
          // A reference to a space stays apart, because it does not look like one.
          if (!inComment && code > 32) this.#text(html.lastIndexOf('&', end - 1), end)
          if (inTitle) this.title += String.fromCodePoint(code)
        },
        oncdata: () => {},
        ondeclaration: () => {},
        onprocessinginstruction: () => {},
        onend: () => {},
      },
    )
    tokenizer.write(html)
    tokenizer.end()
  }

  #text(start: number, end: number): void {
    const last = this.texts.at(-1)
    if (last?.end === start) last.end = end
    else this.texts.push({ start, end })
  }
}

/** A value may begin with a character reference, of which no offset is told. */
function startOfValue(html: string, end: number, quote: QuoteType, told: number): number {
  if (quote === QuoteType.Double) return html.lastIndexOf('"', end - 2) + 1
  if (quote === QuoteType.Single) return html.lastIndexOf("'", end - 2) + 1
  if (told < 0) return end
  let start = told
  while (!/[\s=]/.test(html[start - 1] ?? ' ')) start--
  return start
}
