import { needsSmtpUtf8 } from './address.ts'
import type { ComposedMessage, Content, Message, RawMessage } from './message.ts'
import { withoutRawUnsubscribing, withoutUnsubscribing } from './original-unsubscribe.ts'

/** The field in which mail servers note who a message was for before it was sent elsewhere. */
const NAME = 'X-Original-To'
/** So many fields are short enough for every server. */
const MOST = 100
/** The octets that an encoded-word has room for: it has at most 75 characters (RFC 2047 section 2). */
const WORD_OCTETS = 45

/**
 * The header or the content of a message that also says who it was for, one field for each recipient, at most 100, and that
 * does not unsubscribe them.
 */
export function withOriginalRecipients(
  message: Message,
  recipients: readonly string[],
): Pick<ComposedMessage, 'headers'> | Pick<RawMessage, 'raw'> {
  const values = recipients.slice(0, MOST)
  const more = recipients.length - MOST
  if (more > 0) values.push(`(and ${more} more)`)
  if (message.raw) {
    const fields = values.map((value) => `${NAME}: ${needsSmtpUtf8(value) ? encodedWords(value) : value}\r\n`)
    return { raw: prefixed(withoutRawUnsubscribing(message.raw), Buffer.from(fields.join(''))) }
  }
  return {
    headers: [...values.map((value) => [NAME, value] as const), ...withoutUnsubscribing(message.headers)],
  }
}

/** A field in front of a signed message leaves its signature valid. */
function prefixed(content: Content, prefix: Buffer): Content {
  const { bytes } = content
  return {
    bytes: bytes && Buffer.concat([prefix, bytes]),
    async *open(reading) {
      yield prefix
      yield* content.open(reading)
    },
  }
}

/** Text beyond ASCII as encoded-words (RFC 2047), none of which ends within a character. */
function encodedWords(text: string): string {
  const words = ['']
  for (const character of text) {
    if (Buffer.byteLength(words.at(-1)! + character) > WORD_OCTETS) words.push('')
    words[words.length - 1] += character
  }
  return words.map((word) => `=?UTF-8?B?${Buffer.from(word).toString('base64')}?=`).join('\r\n ')
}
