import { MailError } from '../failure/mail-error.ts'
import type { MessageInput, TemplateContent, TemplateContext } from './message-input.ts'
import { unknownName } from '../failure/unknown-name.ts'

/** What each field of {@link TemplateContent} must be. */
const FIELDS: Readonly<
  Record<keyof TemplateContent, readonly [what: string, is: (value: unknown) => boolean]>
> = {
  subject: ['a string', isString],
  text: ['a string', isString],
  html: ['a string', isString],
  attachments: ['a list', Array.isArray],
  headers: ['an object with names and values', isRecord],
}

/**
 * Calls a template, or waits for what it is, and checks what it makes.
 *
 * @throws MailError at stage `compose`, usually `template`
 */
export async function templateContent(
  template: MessageInput['template'],
  context: TemplateContext,
): Promise<TemplateContent> {
  try {
    let made: unknown = typeof template === 'function' ? template(context) : template
    // What is there already is read at once: its owner may change it for the next message.
    if (isPromise(made)) made = await made
    const problem = problemOf(made, typeof template === 'function')
    if (problem !== undefined) throw new MailError({ stage: 'compose', kind: 'template', summary: problem })
    return { ...(made as TemplateContent) }
  } catch (cause) {
    // Another send within the template can fail at any stage, and then says who got that message, not this one.
    throw MailError.is(cause) && cause.stage === 'compose' ? cause : failed(cause)
  }
}

/** What is wrong with what a template made; undefined if nothing is. */
function problemOf(made: unknown, isCalled: boolean): string | undefined {
  if (typeof made === 'string')
    return isCalled
      ? 'the template returned a string: let it return an object, such as { subject, html }'
      : 'template is a string, but it must be a function that returns content, such as { subject, html }, or that content. render() of @loudmail/content makes such functions from the files of a folder'
  if (typeof made === 'function')
    return 'the template returned a function: call it with its data, as in template: welcome({ name })'
  if (!isRecord(made))
    return `the template must ${isCalled ? 'return' : 'be'} an object with subject, html or text, not ${nameOf(made)}`
  if ('$$typeof' in made)
    return 'the template is a React element: make a template of its component with @loudmail/content'
  for (const [name, value] of Object.entries(made)) {
    if (value === undefined) continue
    if (!Object.hasOwn(FIELDS, name))
      return unknownName('what the template returns', 'field', name, value, Object.keys(FIELDS))
    const [what, is] = FIELDS[name as keyof TemplateContent]
    if (!is(value)) return `${name} of what the template returns must be ${what}, not ${nameOf(value)}`
  }
  return undefined
}

/** The failure of a template that threw this, whatever it is. */
function failed(cause: unknown): MailError {
  // It reads the cause safely, and without secrets.
  const error = new MailError({ stage: 'compose', kind: 'template', cause })
  const said = error.cause instanceof Error ? error.cause.message : error.cause
  return typeof said === 'string' && said !== ''
    ? error.with({ summary: `the template failed: ${said}` })
    : error
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

function isString(value: unknown): boolean {
  return typeof value === 'string'
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function nameOf(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (Array.isArray(value)) return 'a list'
  return `${typeof value === 'object' ? 'an' : 'a'} ${typeof value}`
}
