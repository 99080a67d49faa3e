import type { MailError, TemplateContent } from '@loudmail/core'
import type { FilledTemplate } from '../../src/index.ts'

/** Renders a template as a mailer does. */
export async function contentOf(template: FilledTemplate): Promise<TemplateContent> {
  return template({ signal: new AbortController().signal })
}

/** The failure of a template. */
export async function failureOf(template: FilledTemplate | Promise<unknown>): Promise<MailError> {
  try {
    await (typeof template === 'function' ? contentOf(template) : template)
  } catch (error) {
    return error as MailError
  }
  throw new Error('the template did not fail')
}
