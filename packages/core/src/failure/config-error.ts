import { MailError } from './mail-error.ts'
import { unknownName } from './unknown-name.ts'

/** A configuration mistake. The text must name the option and not show its value. */
export function configError(summary: string): MailError {
  return new MailError({ stage: 'config', kind: 'invalid-config', summary })
}

/** Every option of an interface, `{ user: true, pass: true }`: the compiler refuses one that is missing or too many. */
export type OptionNames<Options> = Readonly<Record<keyof Options, true>>

/**
 * Refuses options that do not exist, so that a misspelled one is not silently ignored.
 *
 * @param known the options of the type of `options`
 * @throws MailError `config/invalid-config`
 */
export function checkOptions<Options>(
  options: Options,
  owner: string,
  known: OptionNames<NoInfer<Options>>,
): void {
  if (typeof options !== 'object' || options === null)
    throw configError(`${owner} needs an object with options`)
  const names = Object.keys(known)
  const stranger = Object.keys(options).find((name) => !names.includes(name))
  if (stranger === undefined) return
  const value = (options as Readonly<Record<string, unknown>>)[stranger]
  throw configError(unknownName(owner, 'option', stranger, value, names))
}

/** Checks a number of milliseconds, or anything else with a minimum. */
export function checkNumber(value: unknown, name: string, least: number, integer = false): void {
  if (value === undefined) return
  const right = typeof value === 'number' && value >= least && (!integer || Number.isInteger(value))
  if (!right)
    throw configError(`${name} must be ${integer ? 'a whole number' : 'a number'}, ${least} or more`)
}
