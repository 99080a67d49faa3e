import type { ComposedMessage, Content } from './message.ts'
import { headerOf, withHead } from './raw-source.ts'

/** The fields of the button that unsubscribes (RFC 2369, RFC 8058). */
const NAME = /^list-unsubscribe(?:-post)?$/i
const IN_RAW = /(?<=^|[\r\n])list-unsubscribe(?:-post)?[ \t]*:/gi
const PREFIX = 'X-Original-'

/** The header fields, of which none unsubscribes: who gets the mail of somebody else must not unsubscribe them by mistake. */
export function withoutUnsubscribing(headers: ComposedMessage['headers']): ComposedMessage['headers'] {
  return headers.map(([name, value]) => [NAME.test(name) ? PREFIX + name : name, value] as const)
}

/** The same for a raw message. The rest of it stays as it is, octet for octet. */
export function withoutRawUnsubscribing(content: Content): Content {
  const { bytes } = content
  return { bytes: bytes && renamed(bytes), open: (reading) => withHead(content.open(reading), renamed) }
}

function renamed(bytes: Uint8Array): Uint8Array {
  const header = headerOf(bytes)
  const safe = header.replaceAll(IN_RAW, (field) => PREFIX + field)
  if (safe === header) return bytes
  return Buffer.concat([Buffer.from(safe, 'latin1'), bytes.subarray(header.length)])
}
