import { isLanguageTag, notALanguageTag } from './folder/language-tag.ts'
import { placeOfError } from './stack-place.ts'
import { TemplateProblem } from './template-problem.ts'

/** What is wrong with the arguments that a template was called with, whatever the template is. */
export function callProblem(data: unknown, options: unknown): TemplateProblem | undefined {
  const problem = isPromise(data) ? 'the data is a promise: await it first' : problemOfOptions(options)
  return problem === undefined ? undefined : new TemplateProblem(problem)
}

function problemOfOptions(options: unknown): string | undefined {
  if (typeof options !== 'object' || options === null)
    return "after the data comes an object, such as { locale: 'de' }"
  const other = Object.keys(options).find((name) => name !== 'locale')
  if (other !== undefined) return `after the data comes { locale }, which has no ${JSON.stringify(other)}`
  const { locale } = options as { locale?: unknown }
  return locale === undefined || isLanguageTag(locale) ? undefined : notALanguageTag(locale)
}

function isPromise(data: unknown): boolean {
  return typeof (data as { then?: unknown } | null | undefined)?.then === 'function'
}

/** What a function threw because it was called without data says so. */
export function withoutData(cause: unknown, data: unknown): unknown {
  if ((data !== undefined && data !== null) || !(cause instanceof TypeError)) return cause
  return new TemplateProblem(`the template was called without data: ${cause.message}`, {
    ...placeOfError(cause),
    cause,
  })
}
