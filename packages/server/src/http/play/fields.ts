import { NotWellFormed } from './provider-api.ts'

/** An object of JSON. */
export type Fields = Readonly<Record<string, unknown>>

/** The value, which must be an object. */
export function fields(value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new NotWellFormed()
  return value as Fields
}

/** The value, which must be a list; undefined is an empty one. */
export function list(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw new NotWellFormed()
  return value
}

/** The value, which must be a string if there is one. */
export function text(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string') throw new NotWellFormed()
  return value
}

/** The recipients, of whom there must be at least one. */
export function recipients(...lists: readonly (readonly string[])[]): readonly string[] {
  const all = lists.flat()
  if (all.length === 0 || all.some((address) => !address.includes('@'))) throw new NotWellFormed()
  return all
}

/** The addresses in a header or a field such as `"Bob, B" <bob@rcpt.example>, carol@rcpt.example`. */
export function addresses(value: unknown): readonly string[] {
  const parts = (text(value) ?? '').match(/(?:"(?:\\.|[^"\\])*"|<[^>]*>|[^,"<])+/g) ?? []
  return parts.map((part) => (/<([^>]*)>/.exec(part)?.[1] ?? part).trim()).filter((address) => address !== '')
}
