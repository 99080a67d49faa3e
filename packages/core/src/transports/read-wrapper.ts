import { configError } from '../failure/config-error.ts'
import { unknownName } from '../failure/unknown-name.ts'
import { WRAPPER_FORMS, type WrapperForm } from './wrapper-forms.ts'

/** A wrapper in a transport URL. */
export interface ReadWrapper {
  readonly form: WrapperForm
  /** What is in the parentheses, one URL or expression each. */
  readonly inner: readonly string[]
  /** As the function of the wrapper takes them. */
  readonly options: object
}

/**
 * Reads `failover(smtp://a smtp://b)?skipMs=5000`. Returns undefined if the text is not a wrapper, but a URL.
 *
 * @throws MailError `config/invalid-config` that names the wrapper and the option, and does not repeat the text
 */
export function readWrapper(text: string): ReadWrapper | undefined {
  const call = /^([a-z]+)\((.*)\)(.*)$/is.exec(text)
  if (!call) {
    if (/^[a-z]+\(/i.test(text)) throw unmatched()
    return undefined
  }
  const [, word, between, rest] = call as unknown as [string, string, string, string]
  const form = WRAPPER_FORMS.get(word.toLowerCase())
  if (!form) throw configError(`the transport URL has a wrapper that does not exist: there is ${usages()}`)
  const inner = split(between)
  const isCountWrong = form.inner === 'many' ? inner.length < 2 : inner.length !== form.inner
  if (inner.some((part) => /^,|,$/.test(part) || (isCountWrong && /,[a-z]+[:(]/i.test(part))))
    throw configError(
      `the URLs in ${form.name}() in the transport URL are separated by spaces, not by commas: ${usage(form)}`,
    )
  if (isCountWrong)
    throw configError(
      `expected ${usage(form)} in the transport URL: ${form.name}() has ${inner.length} URL${inner.length === 1 ? '' : 's'}`,
    )
  return { form, inner, options: optionsIn(rest, form) }
}

/** Splits at white space outside parentheses. */
function split(text: string): string[] {
  const parts: string[] = []
  let depth = 0
  let part = ''
  for (const character of text) {
    if (character === '(') depth++
    else if (character === ')') depth--
    if (depth < 0) break
    if (depth === 0 && /\s/.test(character)) {
      if (part) parts.push(part)
      part = ''
    } else part += character
  }
  if (depth !== 0) throw unmatched()
  if (part) parts.push(part)
  return parts
}

function unmatched(): Error {
  return configError(
    'the parentheses in the transport URL do not match: in a user name or a password, percent-encode them',
  )
}

function optionsIn(rest: string, form: WrapperForm): object {
  const owner = `${form.name}()`
  if (rest === '') return {}
  if (!/^\?\S*$/.test(rest))
    throw configError(
      `only options may follow the parentheses of ${owner} in the transport URL: ${usage(form)}?name=value`,
    )
  const known = Object.keys(form.options)
  const options: Record<string, unknown> = {}
  for (const pair of rest.slice(1).split('&')) {
    const [name, ...value] = pair.split('=') as [string, ...string[]]
    // It may be a part of a password that is not percent-encoded.
    if (!/^\w{1,30}$/.test(name) || value.length === 0)
      throw configError(`${owner} in the transport URL has an option that is not written as name=value`)
    if (!known.includes(name))
      throw configError(
        known.length > 0
          ? unknownName(`${owner} in the transport URL`, 'option', name, undefined, known)
          : `${owner} in the transport URL has no options`,
      )
    if (name in options) throw configError(`${owner} in the transport URL has the option ${name} twice`)
    options[name] = form.options[name]!(decoded(value.join('='), owner, name))
  }
  return options
}

/** A plus sign stays one, as in addresses. */
function decoded(text: string, owner: string, name: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw configError(`the option ${name} of ${owner} in the transport URL must be percent-encoded`)
  }
}

function usages(): string {
  return [...WRAPPER_FORMS.values()].map(usage).join(', ')
}

function usage({ name, inner }: WrapperForm): string {
  return `${name.toLowerCase()}(${{ 1: 'url', 2: 'url url', many: 'url url ...' }[inner]})`
}
