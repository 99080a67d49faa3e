import type { Email } from 'postal-mime'

/** Parts may stand in parts this deep. Messages in messages are read less deep, since each is read once per level; the rest is attached. */
const LIMITS = { maxNestingDepth: 1_000, maxRfc822NestingDepth: 2 }
/** Enough to hold the header of nearly every message. */
const HEADER_OCTETS = 65_536

/** A message that was read, or its header alone and the problem with the rest. */
export type ParsedMessage = Email & { readonly problem?: string }

/** Reads an RFC 5322 message. Never rejects: of a message that cannot be read there is its header, and the reason. */
export async function parseMessage(content: Uint8Array): Promise<ParsedMessage> {
  // Loaded when a message has to be read: sending most of them does not need it.
  const { default: PostalMime } = await import('postal-mime')
  try {
    return await PostalMime.parse(content, LIMITS)
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    const nothing: Email = { headers: [], headerLines: [], attachments: [] }
    const header = await PostalMime.parse(headerOf(content)).catch(() => nothing)
    return { ...header, problem }
  }
}

/** What stands before the first empty line. */
function headerOf(content: Uint8Array): Uint8Array {
  const head = Buffer.from(content.buffer, content.byteOffset, Math.min(content.byteLength, HEADER_OCTETS))
  const end = head.indexOf('\r\n\r\n')
  return end < 0 ? head : head.subarray(0, end + 2)
}
