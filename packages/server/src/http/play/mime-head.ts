import { addresses, recipients } from './fields.ts'
import { NotWellFormed, type PostedMessage } from './provider-api.ts'

/** Reads recipients and subject from the header of a message in MIME form; recipients that are given instead of it count. */
export function messageOfMime(octets: Buffer, given?: readonly string[]): PostedMessage {
  const head = octets.toString('latin1').split(/\r?\n\r?\n/, 1)[0]!
  const lines = head.replaceAll(/\r?\n(?=[ \t])/g, '').split(/\r?\n/)
  if (!lines.every((line) => /^[!-9;-~]+:/.test(line))) throw new NotWellFormed()
  const header = (name: string): string[] =>
    lines
      .filter((line) => line.toLowerCase().startsWith(`${name}:`))
      .map((line) => line.slice(name.length + 1).trim())
  const [subject] = header('subject')
  const to = given ?? ['to', 'cc', 'bcc'].flatMap((name) => header(name).flatMap((value) => addresses(value)))
  return { to: recipients(to), subject }
}

/** Decodes base64 or base64url, and refuses anything else. */
export function decodeBase64(value: string): Buffer {
  if (!/^[\w+/-]+={0,2}$/.test(value.replaceAll(/\s/g, ''))) throw new NotWellFormed()
  return Buffer.from(value, 'base64')
}
