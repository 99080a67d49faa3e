import type { MessageInput } from './message-input.ts'

type Headers = NonNullable<MessageInput['headers']>

/** Header fields over others. A field replaces those of the same name, in any case (RFC 5322 section 1.2.2). */
export function mergedHeaders(under: Headers, over: Headers): Headers {
  // What is not an object of names and values is refused later.
  if (typeof over !== 'object' || Array.isArray(over)) return over
  const names = new Set(Object.keys(over).map((name) => name.toLowerCase()))
  const kept = Object.entries(under).filter(([name]) => !names.has(name.toLowerCase()))
  return { ...Object.fromEntries(kept), ...over }
}
