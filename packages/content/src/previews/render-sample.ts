import { MailError, type TemplateInput } from '@loudmail/core'
import { renderTemplate, toMessage, type ComposedMessage } from '@loudmail/core/transport'
import { readAttachments, type ReadAttachment } from './read-attachments.ts'

/** A sample as it would be sent. */
export interface Rendered {
  readonly message: ComposedMessage
  readonly attachments: readonly ReadAttachment[]
  /** There is more in the attachments than was read. */
  readonly isCut: boolean
}

/** A message needs somebody, though nobody gets a preview. */
const NOBODY = { from: 'preview@example.com', to: 'preview@example.com' } as const

/**
 * Renders a sample and reads its files, as a send does.
 *
 * @param deadlineMs how long both may take together, in milliseconds
 * @throws MailError with the code that a send has
 */
export async function renderSample(sample: TemplateInput, deadlineMs: number): Promise<Rendered> {
  const late = new AbortController()
  let what = 'the template did not return'
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    const summary = `${what} within ${deadlineMs / 1_000} seconds`
    reject(new MailError({ stage: 'compose', kind: 'timeout', summary }))
    late.abort(new DOMException(summary, 'TimeoutError'))
  }, deadlineMs)
  const { signal } = late
  const render = async (): Promise<Rendered> => {
    const input = await renderTemplate({ ...NOBODY, template: sample }, {}, { signal })
    const message = toMessage(input) as ComposedMessage
    what = 'a file of the template could not be read'
    return { message, ...(await readAttachments(message.attachments, signal)) }
  }
  try {
    return await Promise.race([render(), promise])
  } catch (cause) {
    throw whyNotRendered(cause)
  } finally {
    clearTimeout(timer)
  }
}

/** As a send has it: a failure, or what a getter of the content threw. */
export function whyNotRendered(cause: unknown): MailError {
  if (MailError.is(cause)) return cause
  const summary = 'the message could not be read'
  return new MailError({ stage: 'compose', kind: 'invalid-message', summary, cause })
}
