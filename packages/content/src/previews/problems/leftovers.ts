/** What a template leaves behind when a value is missing or of a wrong kind. Each part is bounded: no text takes long. */
const LEFTOVERS = [
  { pattern: /\[object [A-Z]\w{0,40}\]/g, why: 'An object was shown as a text: show one of its fields.' },
  {
    pattern: /(?<![\w.-])(?:undefined|NaN|Invalid Date)(?![\w-])/g,
    why: 'A value is missing from the data, or is not what the template expects.',
  },
  {
    pattern: /\{\{[^{}\n]{0,200}\}\}|<%[^%\n]{0,200}%>|\$\{[^{}\n]{1,200}\}/g,
    why: 'The template did not fill it in: check its syntax and its engine.',
  },
] as const

const NULL = {
  pattern: /(?<![\w.-])null(?![\w-])/g,
  why: 'A value is missing from the data, or is not what the template expects.',
} as const

/** Something that should not be in a text. */
export interface Leftover {
  readonly found: string
  /** Why it is there and what to do: a whole sentence. */
  readonly why: string
}

/**
 * Finds what a template left behind.
 *
 * @param withNull `null` counts as well: in short texts, where it is no word of a sentence
 */
export function leftoversIn(text: string, withNull = false): Leftover[] {
  return (withNull ? [...LEFTOVERS, NULL] : LEFTOVERS).flatMap(({ pattern, why }) =>
    Array.from(text.matchAll(pattern), ([found]) => ({ found, why })),
  )
}
