/** The fields of one group, by name in small letters, in their order. */
export type Fields = ReadonlyMap<string, readonly string[]>

/** No field is longer, in characters; what is behind is left out. */
const MOST_TEXT = 2_000

/**
 * Reads groups of fields, which empty lines separate (RFC 3464 section 2.1, RFC 5965 section 3.1). Lines that are no field
 * are left out.
 */
export function readFields(content: Uint8Array): Fields[] {
  const groups: Map<string, string[]>[] = []
  let group: Map<string, string[]> | undefined
  let values: string[] | undefined
  for (const line of new TextDecoder().decode(content).split(/\r\n|\r|\n/)) {
    if (line.trim() === '') {
      group = values = undefined
      continue
    }
    if (/^[ \t]/.test(line)) {
      // A folded line belongs to the field before it.
      const last = values?.pop()
      if (last !== undefined) values!.push(`${last} ${line.trim()}`.slice(0, MOST_TEXT))
      continue
    }
    const [, name, value] = /^([!-9;-~]{1,100})[ \t]*:(.*)$/s.exec(line) ?? []
    values = undefined
    if (name === undefined) continue
    if (!group) groups.push((group = new Map()))
    const key = name.toLowerCase()
    values = group.get(key) ?? []
    group.set(key, values)
    values.push(printable(value!.trim()).slice(0, MOST_TEXT))
  }
  return groups
}

/** Control characters do not belong into a field, and would do harm in a log. */
function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replaceAll(/[\0-\x08\x0A-\x1F\x7F-\x9F]/g, '\uFFFD')
}

/** The first field with a name; undefined if it is missing or empty. */
export function fieldOf(fields: Fields, name: string): string | undefined {
  return fields.get(name)?.[0] || undefined
}

/** A value behind its type, such as the host in `dns; mx.example.com`. */
export function typedValue(text: string | undefined): { type: string; value: string } | undefined {
  const [, type, value] = /^([\w-]{1,40})[ \t]*;(.*)$/s.exec(text ?? '') ?? []
  return type === undefined ? undefined : { type: type.toLowerCase(), value: value!.trim() }
}

/** A host from a field such as Reporting-MTA, with or without its type. */
export function hostOf(text: string | undefined): string | undefined {
  const host = typedValue(text)?.value ?? text
  return host?.replace(/\s*\(.*$/s, '') || undefined
}

/** A date of RFC 5322; undefined if it cannot be read. */
export function dateOf(text: string | undefined): Date | undefined {
  // Date.parse would also read a lone number.
  if (text === undefined || !/\d{4}.*\d:\d\d/.test(text)) return undefined
  const ms = Date.parse(text.replaceAll(/\([^()]*\)/g, ''))
  return Number.isNaN(ms) ? undefined : new Date(ms)
}

/** The fields as a plain object, each with its first value. */
export function plain(fields: Fields): Readonly<Record<string, string>> {
  return Object.freeze(Object.fromEntries([...fields].map(([name, [value = '']]) => [name, value])))
}
