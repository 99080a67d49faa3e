import { nearestName } from '@loudmail/core/transport'
import { TemplateProblem } from '../template-problem.ts'
import { problemAt } from './located-helper.ts'

/** The names of the helpers that are put around values. No template calls them by accident. */
export const NEED = '@need'
export const SHOW = '@show'
export const SECTION = '@section'
/** Its argument is the name of a partial. */
export const INCLUDE = '@include'

type Helper = (this: unknown, ...args: unknown[]) => unknown

/** The helpers that check values, and `optional`. */
export function valueHelpers(section: Helper): Record<string, Helper> {
  return {
    [NEED](value, label, options) {
      return needed(this, value, label, options, true)
    },
    [SHOW](value, label, options) {
      const shown = needed(this, value, label, options)
      if (typeof shown === 'object') checkShown(shown!, label, options)
      return shown
    },
    [SECTION](value, label, options) {
      return section.call(this, needed(this, value, label, options), options)
    },
    [INCLUDE](name, options) {
      if (typeof name !== 'string') throw problemAt('the name of the partial is missing', options)
      const { include } = (options as { data: { include: (name: string) => unknown } }).data
      try {
        return include(name)
      } catch (cause) {
        throw cause instanceof TemplateProblem ? cause : problemAt((cause as Error).message, options, cause)
      }
    },
    optional(...args) {
      const [value, otherwise] = args.slice(0, -1)
      return value ?? otherwise ?? ''
    },
  }
}

function needed(
  context: unknown,
  value: unknown,
  label: unknown,
  options: unknown,
  isArgument = false,
): unknown {
  // Handlebars calls functions in the data.
  const result: unknown = typeof value === 'function' ? Reflect.apply(value, context, [options]) : value
  if (result === undefined || result === null)
    throw problemAt(missing(context, String(label), result === null, isArgument), options)
  return result
}

function missing(context: unknown, label: string, isNull: boolean, isArgument: boolean): string {
  if (label === 'lookup()') return 'lookup found nothing. If it is optional, write {{optional (lookup ...)}}'
  if (label.endsWith('()'))
    return `the helper ${label.slice(0, -2)} returned nothing. It must return '' to show nothing`
  const optional = isArgument
    ? `If it is optional, write (optional ${label}) in its place`
    : `If it is optional, write {{#if ${label}}} or {{optional ${label}}}`
  if (isNull) return `${label} is null. ${optional}`
  const known = typeof context === 'object' && context !== null ? context : {}
  if (label in known && !Object.hasOwn(known, label) && !(label in Object.prototype))
    return `${label} is not a property of the object itself but of its class, which templates cannot read. Pass plain data`
  const near =
    label.length < 3 || Object.hasOwn(known, label) ? undefined : nearestName(label, Object.keys(known))
  return `${label} is missing in the data. ${near === undefined ? '' : `Did you mean ${near}? `}${optional}`
}

function checkShown(value: object, label: unknown, options: unknown): void {
  if (typeof (value as { toHTML?: unknown }).toHTML === 'function') return
  if (value instanceof Promise)
    throw problemAt(`${String(label)} is a promise: wait for it before the template is filled`, options)
  const { toString: text } = value as { toString?: unknown }
  if (text === undefined || text === Object.prototype.toString)
    throw problemAt(`${String(label)} is an object, which has no text. Name one of its properties`, options)
}
