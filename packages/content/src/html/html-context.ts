/** Where in HTML a value stands. */
export interface HtmlContext {
  /**
   * `text` is also a comment, `tag` is inside of a tag where attributes are, and `name` is a part of the name of a tag or an
   * attribute.
   */
  readonly in: 'text' | 'quoted' | 'unquoted' | 'tag' | 'name' | 'style' | 'script'
  /** The attribute of a quoted or unquoted value, in lower case. */
  readonly attribute?: string | undefined
  /** Nothing stands before it in the value of the attribute. */
  readonly isFirst?: boolean | undefined
}

const known = new WeakMap<TemplateStringsArray, readonly HtmlContext[]>()

/** Where the values of a template literal stand: the one with index 0 is between the first two strings. */
export function contextsOf(strings: TemplateStringsArray): readonly HtmlContext[] {
  let contexts = known.get(strings)
  if (!contexts) {
    const reader = new ContextReader()
    contexts = strings.slice(0, -1).map((text) => reader.after(text))
    known.set(strings, contexts)
  }
  return contexts
}

const QUOTED: Readonly<Record<string, RegExp>> = { '"': /"/g, "'": /'/g }

/** Follows HTML through its tags (WHATWG HTML, section 13.2.5), as far as it matters to what stands in it. */
class ContextReader {
  #state: 'text' | 'comment' | 'raw' | 'tag' | 'quoted' = 'text'
  #element = ''
  #attribute = ''
  #quote = '"'
  #isFirst = false

  after(text: string): HtmlContext {
    let at = 0
    // Two values that stand together are both at the beginning.
    if (text !== '') this.#isFirst = false
    const skipTo = (end: RegExp): boolean => {
      end.lastIndex = at
      const found = end.exec(text)
      at = found ? end.lastIndex : text.length
      return found !== null
    }
    while (at < text.length) {
      if (this.#state === 'comment') {
        if (skipTo(/--!?>/g)) this.#state = 'text'
      } else if (this.#state === 'quoted') {
        if (skipTo(QUOTED[this.#quote]!)) this.#state = 'tag'
      } else if (this.#state === 'tag') {
        const ending = this.#inTag(text.slice(at))
        if (ending.context) return ending.context
        at += ending.octets
      } else if (this.#state === 'raw') {
        // Whatever follows is the tag that ends it.
        if (skipTo(new RegExp(`</${this.#element}(?=[\\s/>])`, 'gi'))) {
          this.#state = 'tag'
          this.#element = ''
        }
      } else at = this.#inText(text, at)
    }
    if (this.#state === 'text' && /<[/!]?[a-z]*[\w:-]*$/i.test(text)) return { in: 'name' }
    if (this.#state === 'raw') return { in: this.#element === 'style' ? 'style' : 'script' }
    if (this.#state === 'quoted') {
      this.#isFirst ||= new RegExp(`=\\s*${this.#quote}\\s*$`).test(text)
      return { in: 'quoted', attribute: this.#attribute, isFirst: this.#isFirst }
    }
    return { in: this.#state === 'tag' ? 'tag' : 'text' }
  }

  #inText(text: string, at: number): number {
    const tag = /<(?:(!--)|\/?([a-z][^\s/>]*)(?=[\s/>]))/gi
    tag.lastIndex = at
    const found = tag.exec(text)
    if (!found) return text.length
    if (found[1] !== undefined) this.#state = 'comment'
    else {
      this.#state = 'tag'
      this.#element = found[0].startsWith('</') ? '' : found[2]!.toLowerCase()
    }
    return tag.lastIndex
  }

  /** One step inside of a tag: an attribute, the end of the tag, or the place of a value. */
  #inTag(rest: string): { readonly octets: number; readonly context?: HtmlContext } {
    const [, space, end, name, equals, quote, value] =
      /^([\s/]+)|^(>)|^([^\s/>=]+)(?:(\s*=\s*)(?:(["'])|([^\s"'>][^\s>]*))?)?/.exec(rest) ?? []
    if (space !== undefined) return { octets: space.length }
    if (end !== undefined) {
      this.#state = /^(?:style|script|xmp|iframe|noembed|noframes)$/.test(this.#element) ? 'raw' : 'text'
      return { octets: 1 }
    }
    if (name === undefined) return { octets: 1 }
    this.#attribute = name.toLowerCase()
    const octets = [name, equals, quote, value].reduce((sum, part) => sum + (part?.length ?? 0), 0)
    if (quote !== undefined) {
      this.#state = 'quoted'
      this.#quote = quote
    } else if (octets === rest.length) {
      return {
        octets,
        context: { in: equals === undefined ? 'name' : 'unquoted', attribute: this.#attribute },
      }
    }
    return { octets }
  }
}
