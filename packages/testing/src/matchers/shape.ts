import { types } from 'node:util'
import { shown } from './value-match.ts'

/** Describes how a subject differs in one field from what is wanted; undefined if it does not. */
export type Check<Subject> = (subject: Subject) => string | undefined

/** For every field of a shape, the function that creates its check or throws a TypeError. */
export type ShapeFields<Subject> = Readonly<Record<string, (wanted: unknown, name: string) => Check<Subject>>>

/**
 * The checks of a shape.
 *
 * @param owner the function to name in errors
 * @throws TypeError for a field that does not exist, is undefined or cannot match anything
 */
export function shapeChecks<Subject>(
  shape: unknown,
  fields: ShapeFields<Subject>,
  owner: string,
): Check<Subject>[] {
  const known = Object.keys(fields).join(', ')
  if (typeof shape !== 'object' || shape === null || Array.isArray(shape) || types.isRegExp(shape))
    throw new TypeError(`${owner} takes an object with any of ${known}, but received ${shown(shape)}`)
  return Object.entries(shape).map(([name, wanted]) => {
    const check = Object.hasOwn(fields, name) ? fields[name] : undefined
    if (!check) throw new TypeError(`${owner} has no field ${JSON.stringify(name)}; the fields are ${known}`)
    // Most likely a variable that should contain an address or a name. Ignored, it would let anything match.
    if (wanted === undefined)
      throw new TypeError(`${owner} received ${name}: undefined; leave it out to allow any`)
    return check(wanted, `${name} of ${owner}`)
  })
}

/**
 * The check of a field that takes one thing or an array. Of an array, all must be there.
 *
 * @throws TypeError for an empty array, which would allow anything
 */
export function checkEach<Subject>(
  wanted: unknown,
  name: string,
  check: (one: unknown) => Check<Subject>,
): Check<Subject> {
  if (!Array.isArray(wanted)) return check(wanted)
  if (wanted.length === 0) throw new TypeError(`${name} is an empty array; leave it out to allow any`)
  const checks = wanted.map(check)
  return (subject) => checks.map((each) => each(subject)).find((difference) => difference !== undefined)
}
