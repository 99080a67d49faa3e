import { inspect, types } from 'node:util'

/** The exact text, a pattern to find in it, or a predicate. */
export type ValueMatch<Value, Text = string> = Text | RegExp | ((value: Value) => boolean)

/** How to compare a value with what is wanted. */
interface Comparing<Value> {
  /** The texts to search for a pattern. */
  readonly texts: (value: Value) => readonly string[]
  /** Whether the value equals the wanted text. @default one of its texts is the same */
  readonly is?: ((value: Value, text: string) => boolean) | undefined
}

/**
 * Creates the test for a wanted value.
 *
 * @param name the name of the field, for errors
 * @throws TypeError if nothing can be compared with it. The test throws one if a predicate returns a promise.
 */
export function valueTest<Value>(
  wanted: unknown,
  name: string,
  { texts, is = (value, text) => texts(value).includes(text) }: Comparing<Value>,
): (value: Value) => boolean {
  if (typeof wanted === 'string') return (value) => is(value, wanted)
  // search() ignores the position that a global pattern remembers.
  if (types.isRegExp(wanted)) return (value) => texts(value).some((text) => text.search(wanted) >= 0)
  if (typeof wanted === 'function') return (value) => ask(wanted as (value: Value) => unknown, value, name)
  throw new TypeError(`${name} must be a string, a RegExp or a function, but is ${shown(wanted)}`)
}

/**
 * The result of a predicate.
 *
 * @throws TypeError if it returns a promise, which would count as true
 */
export function ask<Value>(predicate: (value: Value) => unknown, value: Value, name: string): boolean {
  const answer = predicate(value)
  if (types.isPromise(answer)) {
    answer.catch(() => {})
    throw new TypeError(`${name} must return its answer directly, but is an async function`)
  }
  return Boolean(answer)
}

/** A value for a message: on one line, and not endlessly long. */
export function shown(value: unknown): string {
  return inspect(value, { breakLength: Infinity, compact: true, maxStringLength: 200, maxArrayLength: 10 })
}
