import type { MessageInput } from '@loudmail/core'
import { UsageError } from '../usage-error.ts'
import { readTextInput } from './read-input.ts'
import type { SendOptions } from './send-options.ts'

/**
 * The fields of a message that the options set.
 *
 * @throws UsageError if two options contradict each other, or a file cannot be read
 */
export async function messageFromOptions(
  options: SendOptions,
  signal: AbortSignal,
): Promise<Partial<MessageInput>> {
  const { from, to, cc, bcc, replyTo, subject, attach, header } = options
  const text = await textOf(options.text, options.textFile, 'text', signal)
  const html = await textOf(options.html, options.htmlFile, 'html', signal)
  const fields: Partial<MessageInput> = {
    from,
    to,
    cc,
    bcc,
    replyTo,
    subject,
    text,
    html,
    attachments: attach?.map((path) => ({ path })),
    headers: header && headersOf(header),
  }
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

/** Whether an option says what is in the message, and not only who sends and gets it. */
export function hasContent({ subject, text, html, textFile, htmlFile, attach }: SendOptions): boolean {
  return [subject, text, html, textFile, htmlFile, attach].some((each) => each !== undefined)
}

async function textOf(
  given: string | undefined,
  file: string | undefined,
  name: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (given !== undefined && file !== undefined)
    throw new UsageError(`--${name} and --${name}-file cannot be used together`)
  return file === undefined ? given : readTextInput(file, signal)
}

/** Fields with the same name stay apart. */
function headersOf(fields: readonly string[]): Record<string, readonly string[]> {
  const headers = new Map<string, readonly string[]>()
  for (const field of fields) {
    const [, name, value] = /^([^\s:]+)\s*:\s*(.*)$/s.exec(field) ?? []
    if (name === undefined || value === undefined)
      throw new UsageError('--header must have a name, a colon and a value, such as "X-Campaign: spring"')
    headers.set(name, [...(headers.get(name) ?? []), value])
  }
  return Object.fromEntries(headers)
}
