import { types } from 'node:util'
import { shown } from './value-match.ts'

/** Says how a subject differs from what is wanted of one field; undefined where it does not. */
export type Check<Subject> = (subject: Subject) => string | undefined

/** For every field of a shape, what makes its check, or throws a TypeError. */
export type ShapeFields<Subject> = Readonly<Record<string, (wanted: unknown, name: string) => Check<Subject>>>

/**
 * The checks of a shape.
 *
 * @param owner who was given it, for errors
 * @throws TypeError for a field that does not exist, that is undefined or that nothing can be compared with
 */
export function shapeChecks<Subject>(
  shape: unknown,
  fields: ShapeFields<Subject>,
  owner: string,
): Check<Subject>[] {
  const known = Object.keys(fields).join(', ')
  if (typeof shape !== 'object' || shape === null || Array.isArray(shape) || types.isRegExp(shape))
    throw new TypeError(`${owner} takes an object with any of ${known}, and got ${shown(shape)}`)
  return Object.entries(shape).map(([name, wanted]) => {
    const check = Object.hasOwn(fields, name) ? fields[name] : undefined
    if (!check) throw new TypeError(`${owner} knows no field ${JSON.stringify(name)}; there are ${known}`)
    // Most likely something that was to hold an address or a name; without it, anything would match.
    if (wanted === undefined)
      throw new TypeError(`${owner} got ${name}: undefined; leave it out to allow any`)
    return check(wanted, `${name} of ${owner}`)
  })
}

/**
 * The check of a field that takes one thing or an array, of which all must be there.
 *
 * @throws TypeError for an empty array: it would allow anything
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
