/** An object of a payload. Only its own properties are read, so that a key such as `__proto__` is nothing special. */
export type Fields = Readonly<Record<string, unknown>>

/** An object; undefined for anything else. */
export function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined
}

/** A property of an object, if it has it itself. */
export function field(fields: Fields | undefined, name: string): unknown {
  return fields !== undefined && Object.hasOwn(fields, name) ? fields[name] : undefined
}

/** An object inside an object. */
export function within(fields: Fields | undefined, name: string): Fields | undefined {
  return fieldsOf(field(fields, name))
}

/** A string that is not empty; a number as a string. */
export function text(fields: Fields | undefined, name: string): string | undefined {
  const value = field(fields, name)
  if (typeof value === 'number' && Number.isFinite(value)) return String(value)
  return typeof value === 'string' && value.trim() !== '' ? value : undefined
}

/** The strings of a list, or a string alone. */
export function texts(fields: Fields | undefined, name: string): readonly string[] {
  const value = field(fields, name)
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  return list.filter((each): each is string => typeof each === 'string' && each.trim() !== '')
}

/** Tags: undefined if there are none. */
export function tagsOf(...lists: readonly (readonly string[])[]): readonly string[] | undefined {
  const all = [...new Set(lists.flat())]
  return all.length === 0 ? undefined : all
}

/** Metadata: what is not a string is written as JSON. Undefined if there is none. */
export function metadataOf(fields: Fields | undefined): Readonly<Record<string, string>> | undefined {
  const entries = Object.entries(fields ?? {}).filter(([, value]) => value !== null && value !== undefined)
  if (entries.length === 0) return undefined
  return Object.fromEntries(
    entries.map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  )
}

/** No line of a message is longer (RFC 5322 section 2.1.1), in characters. */
const MOST_TEXT = 998
/** Control characters and ends of lines would do harm in a log. */
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\0-\x1F\x7F-\x9F\u2028\u2029]/

/** An address without a display name: `ann@example.com` of `Ann <ann@example.com>`. Undefined if it cannot be one. */
export function addressOf(value: string | undefined): string | undefined {
  if (value === undefined) return undefined
  return oneLine(value.includes('<') ? /<([^<>]+)>\s*$/.exec(value)?.[1] : value)
}

/** A Message-ID with its angle brackets. Undefined if it cannot be one. */
export function messageIdOf(value: string | undefined): string | undefined {
  const bare = oneLine(value?.trim().replaceAll(/^<|>$/g, ''))
  return bare && `<${bare}>`
}

function oneLine(value: string | undefined): string | undefined {
  const line = value?.trim() ?? ''
  return line === '' || line.length > MOST_TEXT || CONTROL.test(line) ? undefined : line
}

/** A time as text (ISO 8601). */
export function timeOf(value: string | undefined): Date | undefined {
  if (value === undefined) return undefined
  const at = new Date(value)
  return Number.isNaN(at.getTime()) ? undefined : at
}

/** A time in seconds since 1970, also with a fraction. */
export function secondsOf(value: unknown): Date | undefined {
  const seconds = typeof value === 'string' ? Number(value) : value
  if (typeof seconds !== 'number' || !Number.isFinite(seconds) || seconds <= 0) return undefined
  const at = new Date(seconds * 1_000)
  return Number.isNaN(at.getTime()) ? undefined : at
}

/** What a table says about a word of a payload. */
export function lookUp<Value>(
  table: Readonly<Record<string, Value>>,
  word: string | undefined,
): Value | undefined {
  return word !== undefined && Object.hasOwn(table, word) ? table[word] : undefined
}

/** A name out of a payload, short enough for a log. */
export function named(word: unknown): string {
  if (typeof word !== 'string') return 'an event without a name'
  return word.slice(0, 100).replaceAll(new RegExp(CONTROL, 'g'), ' ')
}
