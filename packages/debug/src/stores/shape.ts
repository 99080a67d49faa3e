/**
 * Reads a value of unknown type: returns it with the fields of its type and nothing else.
 *
 * @param name what the error calls the value; empty for the whole
 * @throws TypeError that says what is wrong
 */
export type Shape<T> = (value: unknown, name: string) => T

export const text: Shape<string> = (value, name) => {
  if (typeof value === 'string') return value
  throw new TypeError(`${name} is not text`)
}

export const number: Shape<number> = (value, name) => {
  if (typeof value === 'number' && value >= 0) return value
  throw new TypeError(`${name} is not a number from 0 up`)
}

export const boolean: Shape<boolean> = (value, name) => {
  if (typeof value === 'boolean') return value
  throw new TypeError(`${name} is neither true nor false`)
}

export const time: Shape<Date> = (value, name) => {
  const date = new Date(text(value, name))
  if (Number.isNaN(date.getTime())) throw new TypeError(`${name} is not a time`)
  return date
}

export function oneOf<const T extends string>(...known: readonly T[]): Shape<T> {
  return (value, name) => {
    if (known.includes(value as T)) return value as T
    throw new TypeError(`${name} is none of ${known.join(', ')}`)
  }
}

export function optional<T>(shape: Shape<T>): Shape<T | undefined> {
  return (value, name) => (value === undefined ? undefined : shape(value, name))
}

export function listOf<T>(shape: Shape<T>): Shape<T[]> {
  return (value, name) => {
    if (!Array.isArray(value)) throw new TypeError(`${name} is not a list`)
    return value.map((item, index) => shape(item, `${name}[${index}]`))
  }
}

/** @param fields every field of the type; the compiler complains about missing ones */
export function object<T extends object>(fields: { readonly [K in keyof T]-?: Shape<T[K]> }): Shape<T> {
  const shapes = Object.entries<Shape<unknown>>(fields)
  return (value, name) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new TypeError(`${name || 'it'} is not an object`)
    const given = new Map(Object.entries(value))
    const read = shapes.map(
      ([key, shape]) => [key, shape(given.get(key), name === '' ? key : `${name}.${key}`)] as const,
    )
    return Object.fromEntries(read.filter(([, field]) => field !== undefined)) as T
  }
}
