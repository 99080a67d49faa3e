import type { MessageInput } from './message-input.ts'

/**
 * A message as its caller wrote it, over the defaults of the mailer. Nothing in it has been checked. What its template made
 * is in the other fields, unless the template is what failed.
 */
export type WrittenMessage = { readonly [field in Exclude<keyof MessageInput, 'template'>]?: unknown }

/** The fields of a message that could not be built. Fields that cannot be read are left out. Never throws. */
export function writtenMessage(input: unknown, defaults: Partial<MessageInput>): WrittenMessage {
  try {
    const names = typeof input === 'object' && input !== null ? Object.keys(input) : []
    const fields = names.filter((name) => name !== 'template')
    const given = fields.map((name) => [name, readField(input as object, name)] as const)
    const written = Object.fromEntries(given.filter(([, value]) => value !== undefined))
    return { ...(written.raw === undefined && defaults), ...written }
  } catch {
    return {}
  }
}

function readField(input: object, name: string): unknown {
  try {
    return (input as Record<string, unknown>)[name]
  } catch {
    return undefined
  }
}
