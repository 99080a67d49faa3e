/** A piece of HTML that is safe to send: everything that was put into it was escaped. */
export class Html {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  toString(): string {
    return this.#text
  }
}

/** What can stand in {@link html}; `undefined` and `false` are nothing, a list is its parts. */
export type HtmlValue = Html | string | number | false | undefined | readonly HtmlValue[]

/** A template whose values are escaped, unless they are HTML made here; attributes have to be quoted. */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(strings.reduce((text, string, index) => text + asHtml(values[index - 1]) + string))
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function asHtml(value: HtmlValue): string {
  if (value === undefined || value === false) return ''
  if (value instanceof Html) return value.toString()
  if (typeof value === 'object') return value.map(asHtml).join('')
  return String(value).replaceAll(/[&<>"']/g, (character) => ESCAPES[character]!)
}
