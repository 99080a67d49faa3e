import { callerPlace } from '../stack-place.ts'
import { TemplateProblem } from '../template-problem.ts'
import { contextsOf, type HtmlContext } from './html-context.ts'

/** HTML in which every value is escaped. `String()` gives its text. */
export class Html {
  readonly #text: string
  /** It has no values of others, so it can stand anywhere. */
  readonly isTrusted: boolean

  /** Use `html` or `html.raw()`. */
  constructor(text: string, isTrusted: boolean) {
    this.#text = text
    this.isTrusted = isTrusted
  }

  /** The HTML itself. */
  toString(): string {
    return this.#text
  }
}

/** What can stand in an `html` literal. The values of a list stand one after another; null, false and '' print nothing. */
export type HtmlValue = Html | string | number | bigint | URL | false | null | readonly HtmlValue[]

/**
 * HTML as a template literal: `` html`<p>Hello ${name}</p>` ``. Values are escaped, and HTML of another `html` literal is
 * taken as it is. Attributes need quotes around values.
 *
 * @throws TemplateProblem if a value is undefined, is not text, or stands where it cannot be made safe
 */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  const contexts = contextsOf(strings)
  let text = strings[0]!
  for (const [index, value] of values.entries()) {
    try {
      text += print(value, contexts[index]!)
    } catch (cause) {
      if (cause instanceof Refusal) throw problem(cause.message, strings, index)
      throw cause
    }
    text += strings[index + 1]!
  }
  return new Html(text, values.length === 0)
}

/** Takes a text as HTML, as it is. Only for HTML that no stranger has written. */
html.raw = (text: string): Html => new Html(text, true)

/** A value that cannot stand where it does. */
class Refusal extends Error {}

/** A value that is not there. The data may tell which one it is. */
export class UndefinedProblem extends TemplateProblem {}

function problem(message: string, strings: TemplateStringsArray, index: number): TemplateProblem {
  const before = strings[index]!.slice(-40).replaceAll(/\s+/g, ' ')
  const start = callerPlace(html)
  const rows = strings
    .slice(0, index + 1)
    .join('')
    .split('\n')
  // A column is known only on the line where the literal begins.
  const place = start && {
    file: start.file,
    line: start.line + rows.length - 1,
    column: rows.length === 1 ? start.column : undefined,
  }
  const summary =
    before === '' ? `the first value ${message}` : `the value after ${JSON.stringify(before)} ${message}`
  return message === UNDEFINED ? new UndefinedProblem(summary, place) : new TemplateProblem(summary, place)
}

const UNDEFINED = 'is undefined'

function print(value: unknown, context: HtmlContext): string {
  if (value === undefined) throw new Refusal(UNDEFINED)
  if (value === null || value === false) return ''
  if (value instanceof Html) return printHtml(value, context)
  if (Array.isArray(value)) return value.map((one: unknown) => print(one, context)).join('')
  if (
    typeof value !== 'string' &&
    typeof value !== 'number' &&
    typeof value !== 'bigint' &&
    !(value instanceof URL)
  )
    throw new Refusal(`is ${kindOf(value)}, and not text`)
  if (Number.isNaN(value)) throw new Refusal('is not a number (NaN)')
  return printText(String(value), context)
}

function printHtml(value: Html, { in: where, attribute = '' }: HtmlContext): string {
  if (where === 'text') return value.toString()
  const isPlain =
    where === 'quoted' && attribute !== 'style' && !attribute.startsWith('on') && !URLS.has(attribute)
  if (!value.isTrusted && !isPlain)
    throw new Refusal('is HTML with values, in a place where it cannot be made safe')
  return where === 'quoted'
    ? value.toString().replaceAll(/["']/g, (quote) => ESCAPES[quote]!)
    : value.toString()
}

function printText(text: string, { in: where, attribute = '', isFirst = false }: HtmlContext): string {
  if (text === '' && where !== 'unquoted') return ''
  if (where === 'unquoted') throw new Refusal(`needs quotes around it: ${attribute}="…"`)
  if (where === 'tag' || where === 'name')
    throw new Refusal('is inside of a tag. Only values of attributes can be text')
  if (where === 'script' || attribute.startsWith('on'))
    throw new Refusal('is in a script, where text cannot be made safe')
  if (where === 'style' && /[^\w#.,%\s+-]/.test(text))
    throw new Refusal(
      'is in a <style> and is more than a word or a number. Use html.raw() if no stranger wrote it',
    )
  if (attribute === 'style' && /[\\@]|\w\(|\/\*/.test(text))
    throw new Refusal('is in a style with (, @ or \\. Use html.raw() if no stranger wrote it')
  if (isFirst && URLS.has(attribute) && runsScript(text))
    throw new Refusal('is a URL that could run a script. Use html.raw() if no stranger wrote it')
  return text.replaceAll(/[&<>"']/g, (character) => ESCAPES[character]!)
}

const URLS = new Set([
  'action',
  'background',
  'cite',
  'formaction',
  'href',
  'poster',
  'src',
  'srcset',
  'xlink:href',
])
const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function runsScript(url: string): boolean {
  const scheme = /^([a-z]+):(image\/(?!svg))?/i.exec(url.replaceAll(/[\s\p{Cc}]/gu, ''))
  if (!scheme) return false
  return (
    /^(?:javascript|vbscript)$/i.test(scheme[1]!) || (/^data$/i.test(scheme[1]!) && scheme[2] === undefined)
  )
}

function kindOf(value: unknown): string {
  if (value instanceof Promise) return 'a promise (await it first)'
  if (value instanceof Date) return 'a date (say how it is written)'
  return value === true ? 'true' : typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
