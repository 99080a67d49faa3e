import type { Message } from '@loudmail/core'
import { mailboxKey, parseAddressList, type ComposedMessage } from '@loudmail/core/transport'
import { invalid } from './provider-data.ts'

/** A message for an API that reads the recipients from the header. */
export interface Addressed {
  /** The message, whose To and Cc name nobody who is not in the envelope. */
  readonly message: Message
  /** What to do with its octets. */
  finish(bytes: Buffer): Buffer
}

/**
 * The recipients of the envelope as the only ones of the header: who is neither in To nor in Cc stands in Bcc, and who is not
 * in the envelope is left out. Of a raw message only Bcc is written anew.
 *
 * @param title the name of the provider, for errors
 * @throws MailError `compose/invalid-message` if To or Cc of a raw message name somebody else, or cannot be read
 */
export function addressed(message: Message, title: string): Addressed {
  const recipients = new Recipients(message.envelope.to)
  if (message.raw) return { message, finish: (bytes) => rawAddressed(bytes, recipients, title) }
  const take = (list: ComposedMessage['to']): ComposedMessage['to'] =>
    list.filter(({ address }) => recipients.name(address))
  const [to, cc] = [take(message.to), take(message.cc)]
  return {
    message: {
      ...message,
      to,
      cc,
      get replayable() {
        return message.replayable
      },
      forRecipients: (...some) => message.forRecipients(...some),
    },
    finish: (bytes) => withBcc(recipients.unnamed, bytes),
  }
}

/** Those of the envelope, and who of them the header names. */
class Recipients {
  readonly #all: ReadonlyMap<string, string>
  readonly #named = new Set<string>()

  constructor(addresses: readonly string[]) {
    this.#all = new Map(addresses.map((address) => [mailboxKey(address), address]))
  }

  /** The header names somebody. False if that is nobody of the envelope. */
  name(address: string): boolean {
    const key = mailboxKey(address)
    this.#named.add(key)
    return this.#all.has(key)
  }

  get unnamed(): string[] {
    return [...this.#all].flatMap(([key, address]) => (this.#named.has(key) ? [] : [address]))
  }
}

const END_OF_HEADER = '\r\n\r\n'
const BETWEEN_FIELDS = /\r\n(?![\t ])/
/** A field with its name in the first group and its value in the second. */
const FIELD = /^([^:\s]+)[\t ]*:([^]*)$/

function rawAddressed(bytes: Buffer, recipients: Recipients, title: string): Buffer {
  const end = bytes.indexOf(END_OF_HEADER)
  const header = bytes.toString('utf8', 0, end < 0 ? bytes.length : end)
  const others: string[] = []
  let hasBcc = false
  for (const field of header.split(BETWEEN_FIELDS)) {
    const [, name = '', value = ''] = FIELD.exec(field) ?? []
    if (/^bcc$/i.test(name)) hasBcc = true
    if (/^(?:resent-)?(?:to|cc)$/i.test(name)) others.push(...strangers(name, value, recipients, title))
  }
  if (others.length > 0)
    throw invalid(
      `${title} sends to everybody whom the header names, and the raw message names ${others.length} that its envelope does not`,
      'Put the same recipients into `envelope.to` as into the header, or send it with `smtp()`, `ses()` or `mailgun()`, which go by the envelope.',
    )
  return withBcc(recipients.unnamed, hasBcc ? withoutBcc(bytes, end) : bytes)
}

/** Whom a field names who is not in the envelope. */
function strangers(name: string, value: string, recipients: Recipients, title: string): string[] {
  const text = value.replaceAll('\r\n', '').trim()
  if (text === '') return []
  try {
    return parseAddressList(text, name).flatMap(({ address }) => (recipients.name(address) ? [] : [address]))
  } catch {
    throw invalid(
      `${title} reads the recipients from the header, and the field ${name} of the raw message cannot be read`,
      `Write ${name} as RFC 5322 says: \`Tea shop <tea@example.com>, bob@example.org\`.`,
    )
  }
}

function withoutBcc(bytes: Buffer, end: number): Buffer {
  const to = end < 0 ? bytes.length : end
  // Octet for octet, whatever their charset is.
  const fields = bytes.toString('latin1', 0, to).split(BETWEEN_FIELDS)
  const kept = fields.filter((field) => !/^bcc[\t ]*:/i.test(field)).join('\r\n')
  return Buffer.concat([Buffer.from(kept, 'latin1'), bytes.subarray(to)])
}

/** The field in front, so that a signature stays valid. */
function withBcc(addresses: readonly string[], bytes: Buffer): Buffer {
  if (addresses.length === 0) return bytes
  return Buffer.concat([Buffer.from(`Bcc: ${addresses.join(',\r\n ')}\r\n`), bytes])
}
