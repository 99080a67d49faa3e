import type { TemplateInput } from '@loudmail/core'
import { configError, type OptionNames } from '@loudmail/core/transport'
import type { TemplateContent } from '@loudmail/core'

/** Templates by name: each with one sample, or with several by name. */
export type PreviewTemplates = Readonly<
  Record<string, TemplateInput | Readonly<Record<string, TemplateInput>>>
>

/** The samples of every template, by name. */
export type Samples = ReadonlyMap<string, ReadonlyMap<string, TemplateInput>>

/** What the only sample of a template is called. */
const ONLY = 'default'

const FIELDS: OptionNames<TemplateContent> = {
  subject: true,
  text: true,
  html: true,
  attachments: true,
  headers: true,
}

const SHAPE =
  'it must be what goes into `template` of a message, such as welcome({ name }), or an object that has such samples by name'

/** @throws MailError `config/invalid-config`, which names the template */
export function readSamples(templates: PreviewTemplates): Samples {
  if (!isPlainObject(templates))
    throw configError('previews() needs an object with templates: previews({ welcome: welcome({ name }) })')
  return new Map(Object.entries(templates).map(([name, given]) => [name, samplesOf(name, given)]))
}

function samplesOf(template: string, given: unknown): Map<string, TemplateInput> {
  const shown = quoted(template)
  if (isMade(given) || isContent(given)) return new Map([[ONLY, noted(given)]])
  refuseElement(given, `the template ${shown}`)
  if (!isPlainObject(given))
    throw configError(`previews(): the template ${shown} is ${kindOf(given)}: ${SHAPE}`)
  const samples = Object.entries(given).filter(([, value]) => value !== undefined)
  if (samples.length === 0) throw configError(`previews(): the template ${shown} has no sample: ${SHAPE}`)
  for (const [name, sample] of samples) {
    const what = `the sample ${quoted(name)} of the template ${shown}`
    refuseElement(sample, what)
    if (!isMade(sample) && !isContent(sample))
      throw configError(
        `previews(): ${what} is ${kindOf(sample)}: it must be what a template function returns, such as welcome({ name }), or an object with subject, html or text`,
      )
  }
  return new Map(samples.map(([name, sample]) => [name, noted(sample as TemplateInput)]))
}

/** What renders itself later: what a template function returns. */
function isMade(given: unknown): given is Exclude<TemplateInput, TemplateContent> {
  return typeof given === 'function' || (typeof given === 'object' && given !== null && 'then' in given)
}

/** A field with text, or a list of files, shows that it is content: a sample of that name would be an object or a function. */
function isContent(given: unknown): given is TemplateContent {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return false
  return Object.entries(given).some(
    ([name, value]) => Object.hasOwn(FIELDS, name) && (typeof value === 'string' || Array.isArray(value)),
  )
}

/** A promise that rejects before anybody looks at it must not end the process. */
function noted(sample: TemplateInput): TemplateInput {
  if (sample instanceof Promise) sample.catch(() => {})
  return sample
}

function refuseElement(given: unknown, what: string): void {
  if (typeof given === 'object' && given !== null && '$$typeof' in given)
    throw configError(
      `previews(): ${what} is a React element: make a template of its component with template() of @loudmail/content`,
    )
}

function isPlainObject(given: unknown): given is object {
  return typeof given === 'object' && given !== null && !Array.isArray(given)
}

function kindOf(given: unknown): string {
  if (given === null || given === undefined) return String(given)
  if (Array.isArray(given)) return 'a list'
  return typeof given === 'object' ? 'an object of something else' : `a ${typeof given}`
}

function quoted(name: string): string {
  return JSON.stringify(name.slice(0, 100))
}
