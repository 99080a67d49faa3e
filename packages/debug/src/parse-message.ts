import type { Address } from '@loudmail/core'
import type { AttachedPart } from '@loudmail/mime/read'
import type { Email } from 'postal-mime'

/** Messages in messages are read two levels deep, because each level is read again; deeper ones are attachments. */
const LIMITS = { maxNestingDepth: 1_000, maxRfc822NestingDepth: 2 }
/** Enough for the header of nearly every message. */
const HEADER_OCTETS = 65_536

/** A parsed message, or only its header and the reason why the rest cannot be read. */
export type ParsedMessage = Omit<Email, 'attachments'> & {
  readonly attachments: readonly AttachedPart[]
  readonly problem?: string
}

/**
 * Parses an RFC 5322 message. Never rejects: if it cannot be parsed, the result is its header and the reason.
 *
 * @param textMax after how many octets, not counting attachments, the text ends
 */
export async function parseMessage(content: Uint8Array, textMax = Infinity): Promise<ParsedMessage> {
  // Loaded on demand: most sends do not need it.
  const { default: PostalMime, decodeWords } = await import('postal-mime')
  const { splitMessage } = await import('@loudmail/mime/read')
  try {
    const { attached, rest } = splitMessage(content, decodeWords)
    return { ...(await PostalMime.parse(rest.subarray(0, textMax), LIMITS)), attachments: attached }
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    const nothing: Email = { headers: [], headerLines: [], attachments: [] }
    const header = await PostalMime.parse(headerOf(content)).catch(() => nothing)
    return { ...header, attachments: [], problem }
  }
}

/** All mailboxes of the header fields with a name in lower case, those of groups too. */
export async function mailboxesOf({ headers }: Pick<Email, 'headers'>, name: string): Promise<Address[]> {
  const { addressParser } = await import('postal-mime')
  return headers
    .filter(({ key }) => key === name)
    .flatMap(({ value }) => addressParser(value, { flatten: true }))
    .flatMap(({ name: shown, address }) => (address === undefined ? [] : { name: shown, address }))
}

/** Everything before the first empty line. */
function headerOf(content: Uint8Array): Uint8Array {
  const head = Buffer.from(content.buffer, content.byteOffset, Math.min(content.byteLength, HEADER_OCTETS))
  const end = head.indexOf('\r\n\r\n')
  return end < 0 ? head : head.subarray(0, end + 2)
}
