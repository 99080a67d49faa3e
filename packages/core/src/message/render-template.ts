import { MailError } from '../failure/mail-error.ts'
import { ignoreRejection } from './ignore-rejection.ts'
import { mergedHeaders } from './merged-headers.ts'
import type { MessageInput, TemplateContext } from './message-input.ts'
import { templateContent } from './template-content.ts'

/**
 * A message with the content of its template in place of the template. Fields that the message has itself are kept. The files
 * of the template come before those of the message, or of the defaults if the message has none.
 *
 * @throws MailError at stage `compose`: `template`, or `invalid-message` if the message cannot have a template
 */
export async function renderTemplate(
  input: MessageInput,
  defaults: Partial<MessageInput>,
  context: TemplateContext,
): Promise<MessageInput> {
  // What cannot be read throws before anybody waits for the template.
  ignoreRejection(input)
  const { template, ...written } = input
  if (written.raw !== undefined)
    throw new MailError({
      stage: 'compose',
      kind: 'invalid-message',
      summary: 'a message with raw must not have template: it is sent as it is',
    })
  // Read before the template is ready: its owner may change lists and objects for the next message.
  const own: MessageInput = Object.fromEntries(
    Object.entries(written).flatMap(([name, value]) => (value === undefined ? [] : [[name, asItIs(value)]])),
  )
  const content = await templateContent(template, context)
  const attachments = own.attachments ?? defaults.attachments ?? []
  return {
    ...content,
    ...own,
    ...(content.attachments &&
      Array.isArray(attachments) && { attachments: [...content.attachments, ...attachments] }),
    ...(content.headers && own.headers && { headers: mergedHeaders(content.headers, own.headers) }),
  }
}

/** A copy of a list with its objects, or of an object with its lists. Everything else is what it was. */
function asItIs(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((each: unknown) => (isPlain(each) ? { ...each } : each))
  if (!isPlain(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      name,
      Array.isArray(each) ? [...(each as unknown[])] : each,
    ]),
  )
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
