import { MailError } from '../failure/mail-error.ts'
import { ignoreRejection } from '../message/ignore-rejection.ts'
import type { MessageInput } from '../message/message-input.ts'
import { renderTemplate } from '../message/render-template.ts'
import { Deadlines, type Deadline } from './deadline.ts'

/** The longest time for a send, or for a template without one, unless the options say otherwise. */
export const DEADLINE_MS = 120_000

/**
 * Creates a function that renders templates for whoever keeps messages without a `Mailer`. A message without a template
 * stays as it is.
 *
 * @param deadlineMs the longest time for one template, in ms; `Infinity` for no limit
 * @throws the function: MailError at stage `compose`: `template`, `timeout`, or `invalid-message` if the message cannot have
 * a template
 */
export function templateRenderer(
  deadlineMs: number = DEADLINE_MS,
): (input: MessageInput, defaults: Partial<MessageInput>) => Promise<MessageInput> {
  const deadlines = new Deadlines(deadlineMs)
  return async (input, defaults) => {
    // What is no message is refused by whoever reads it.
    if (input?.template === undefined) return input
    const deadline = deadlines.start()
    try {
      return await renderInTime(input, defaults, deadline)
    } finally {
      deadlines.end(deadline)
    }
  }
}

/** @throws MailError at stage `compose`; `timeout` or `aborted` if the deadline ends first. It says nothing about a transport */
export async function renderInTime(
  input: MessageInput,
  defaults: Partial<MessageInput>,
  deadline: Deadline,
): Promise<MessageInput> {
  const { signal } = deadline
  const rendering = signal.aborted ? undefined : renderTemplate(input, defaults, { signal })
  const rendered = rendering && (await deadline.untilStopped(rendering))
  if (rendered) return rendered
  ignoreRejection(input)
  const isLate = (signal.reason as { name?: unknown } | undefined)?.name === 'TimeoutError'
  throw new MailError({
    stage: 'compose',
    kind: isLate ? 'timeout' : 'aborted',
    scope: 'message',
    summary: isLate ? 'the template was not ready before the deadline' : undefined,
  })
}
