import { UsageError } from '../usage-error.ts'
import { applicationOf } from './application.ts'
import { Variables } from './variables.ts'

/**
 * The value of a variable: of the environment, or else of the files that applications read, such as `.env`.
 *
 * @param option the option that names it, for the error
 * @throws UsageError if it has no value. The name is shown only if it cannot be a secret in the wrong place.
 */
export function variable(name: string, option: string): string {
  const variables = new Variables(applicationOf(undefined), [])
  const value = variables.get(name)
  if (value) return value
  const isName = /^[A-Z_][A-Z0-9_]*$/.test(name)
  const shown = isName ? `${name}, which ${option} names,` : `the variable that ${option} names`
  if (value === '') throw new UsageError(`${shown} is empty`)
  const similar = isName ? variables.similarTo(name) : undefined
  const meant = similar === undefined ? '' : `. Did you mean ${similar}?`
  throw new UsageError(
    `${shown} is not set: it is not in ${variables.searched()}. ${option} takes the name of a variable, not its value${meant}`,
  )
}
