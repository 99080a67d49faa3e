import { isAscii, isUtf8 } from 'node:buffer'
import { findParts, type FoundPart } from '@loudmail/mime/read'
import type { StoredMail } from '../stores/mail-store.ts'

type Content = NonNullable<StoredMail['content']>

/**
 * A message as text: what is not ASCII is read in the character set that its part declares.
 *
 * @param most after how many octets the text ends, at the end of a line if there is one
 */
export function sourceText(content: Content, most = Infinity): string {
  const whole = Buffer.from(content.buffer, content.byteOffset, content.byteLength)
  const line = whole.length > most ? whole.lastIndexOf('\n', most - 1) + 1 : whole.length
  const source = whole.subarray(0, line || most)
  if (isAscii(source)) return source.toString('latin1')
  const pieces: string[] = []
  let position = 0
  for (const { type, start, end } of partsOf(source)) {
    // What is before a part is header. A message in the message has parts of its own.
    if (start < position || type.value === 'message/rfc822') continue
    pieces.push(asText(source.subarray(position, start)))
    pieces.push(asText(source.subarray(start, end), type.parameters.get('charset')))
    position = end
  }
  return pieces.join('') + asText(source.subarray(position))
}

function partsOf(source: Buffer): FoundPart[] {
  try {
    return findParts(source, 2, asItIs)
  } catch {
    return []
  }
}

const asItIs = (text: string): string => text

function asText(octets: Buffer, charset?: string): string {
  if (isAscii(octets)) return octets.toString('latin1')
  const label = charset === undefined && !isUtf8(octets) ? 'windows-1252' : (charset ?? 'utf-8')
  return (
    decoded(octets, label) ??
    decoded(octets, 'utf-8') ??
    decoded(octets, 'windows-1252') ??
    octets.toString('latin1')
  )
}

function decoded(octets: Buffer, label: string): string | undefined {
  try {
    return new TextDecoder(label, { fatal: true, ignoreBOM: true }).decode(octets)
  } catch {
    return undefined
  }
}
