import type { MessageInput } from '@loudmail/core'
import { UsageError } from '../usage-error.ts'

/**
 * The messages in JSON: one object with the fields of a `MessageInput`, an array of such objects, or one object a line.
 *
 * @param name what errors call the text
 * @param override fields that replace those of every message
 * @throws UsageError if it is not JSON of this form
 */
export function messagesFromJson(
  text: string,
  name: string,
  override: Partial<MessageInput>,
): readonly MessageInput[] {
  const values = [parse(text) ?? parseLines(text, name)].flat()
  if (values.length === 0) throw new UsageError(`${name} has no message`)
  return values.map((value, index) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new UsageError(
        `message ${index + 1} in ${name} is not an object with the fields of a message, such as {"from": ..., "to": ..., "subject": ..., "text": ...}`,
      )
    return overridden(withDate(value), override)
  })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function parseLines(text: string, name: string): unknown[] {
  return text.split(/\r?\n/).flatMap((line, index, lines) => {
    if (line.trim() === '') return []
    const value = parse(line)
    if (value !== undefined) return [value]
    // The error of JSON.parse shows a part of the text.
    throw new UsageError(
      lines.length === 1 || index === 0
        ? `${name} is not valid JSON`
        : `line ${index + 1} of ${name} is not valid JSON`,
    )
  })
}

/** JSON has no dates. */
function withDate(message: MessageInput): MessageInput {
  const { date } = message as { readonly date?: unknown }
  return typeof date === 'string' ? { ...message, date: new Date(date) } : message
}

function overridden(message: MessageInput, override: Partial<MessageInput>): MessageInput {
  const { headers = {}, ...fields } = override
  if (message.raw !== undefined) {
    const { from, to, ...others } = override
    const sender = from as string | undefined
    const envelope = { ...message.envelope, ...(sender !== undefined && { from: sender }), ...(to && { to }) }
    return { ...message, ...others, envelope }
  }
  // Header names are the same in upper and lower case.
  const replaced = new Set(Object.keys(headers).map((name) => name.toLowerCase()))
  const kept = Object.entries(message.headers ?? {}).filter(([name]) => !replaced.has(name.toLowerCase()))
  return { ...message, ...fields, headers: { ...Object.fromEntries(kept), ...headers } }
}
