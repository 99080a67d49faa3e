import { MailError } from '../failure/mail-error.ts'
import { unknownName } from '../failure/unknown-name.ts'
import type { MessageInput, TemplateContent, TemplateContext } from './message-input.ts'

const FIELDS = { subject: true, text: true, html: true, attachments: true, headers: true }

/**
 * A message with the content of its template in place of the template. Fields that the message has itself are kept, and the
 * attachments of both are there.
 *
 * @throws MailError at stage `compose`: `template`, or `invalid-message` if the message cannot have a template
 */
export async function renderTemplate(
  input: MessageInput,
  context: TemplateContext = { signal: new AbortController().signal },
): Promise<MessageInput> {
  const { template, ...message } = input
  if (message.raw !== undefined)
    throw new MailError({
      stage: 'compose',
      kind: 'invalid-message',
      summary: 'a message with raw must not have template',
    })
  const content = await made(template, context)
  const { attachments = [], headers } = content
  const own = Object.entries(message).filter(([, value]) => value !== undefined)
  const whole: MessageInput = { ...content, ...Object.fromEntries(own) }
  return {
    ...whole,
    ...(Array.isArray(message.attachments) && { attachments: [...attachments, ...message.attachments] }),
    ...(message.headers && { headers: { ...headers, ...message.headers } }),
  }
}

async function made(template: MessageInput['template'], context: TemplateContext): Promise<TemplateContent> {
  let content: unknown
  try {
    content = await (typeof template === 'function' ? template(context) : template)
  } catch (cause) {
    if (MailError.is(cause)) throw cause
    throw failed(`the template failed: ${cause instanceof Error ? cause.message : String(cause)}`, cause)
  }
  if (typeof content === 'string')
    throw failed(
      'template is a string, but it must be what a template function returns, such as { subject, html }. Make functions from the files of a folder with render() of @loudmail/content',
    )
  if (typeof content !== 'object' || content === null)
    throw failed('the template must return an object with subject, html or text')
  if ('$$typeof' in content)
    throw failed('the template is a React element: make a template of its component with @loudmail/content')
  const stranger = Object.entries(content).find(
    ([name, value]) => value !== undefined && !Object.hasOwn(FIELDS, name),
  )
  if (stranger)
    throw failed(unknownName('what the template returns', 'field', ...stranger, Object.keys(FIELDS)))
  const { attachments } = content as TemplateContent
  if (attachments !== undefined && !Array.isArray(attachments))
    throw failed('what the template returns has attachments that are not a list')
  return content
}

function failed(summary: string, cause?: unknown): MailError {
  return new MailError({ stage: 'compose', kind: 'template', summary, cause })
}
