import { inspect, types } from 'node:util'

/** A text as it is, a pattern that is found in it, or a predicate. */
export type ValueMatch<Value, Text = string> = Text | RegExp | ((value: Value) => boolean)

/** How a value is compared with what is wanted. */
interface Comparing<Value> {
  /** What a pattern may be found in. */
  readonly texts: (value: Value) => readonly string[]
  /** Whether the value is the wanted text. @default one of its texts is the same */
  readonly is?: ((value: Value, text: string) => boolean) | undefined
}

/**
 * Makes a test of what is wanted of a value.
 *
 * @param name of the field, for errors
 * @throws TypeError where nothing can be compared with it; the test does where a predicate answers later
 */
export function valueTest<Value>(
  wanted: unknown,
  name: string,
  { texts, is = (value, text) => texts(value).includes(text) }: Comparing<Value>,
): (value: Value) => boolean {
  if (typeof wanted === 'string') return (value) => is(value, wanted)
  // The position that a global pattern remembers has no say.
  if (types.isRegExp(wanted)) return (value) => texts(value).some((text) => text.search(wanted) >= 0)
  if (typeof wanted === 'function') return (value) => ask(wanted as (value: Value) => unknown, value, name)
  throw new TypeError(`${name} must be a string, a RegExp or a function, and is ${shown(wanted)}`)
}

/**
 * What a predicate says.
 *
 * @throws TypeError where it answers later: a promise would count as a yes
 */
export function ask<Value>(predicate: (value: Value) => unknown, value: Value, name: string): boolean {
  const answer = predicate(value)
  if (types.isPromise(answer)) {
    answer.catch(() => {})
    throw new TypeError(`${name} must answer at once, and is an async function`)
  }
  return Boolean(answer)
}

/** A value in a message, in one line and not endless. */
export function shown(value: unknown): string {
  return inspect(value, { breakLength: Infinity, compact: true, maxStringLength: 200, maxArrayLength: 10 })
}
