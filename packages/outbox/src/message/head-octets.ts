import { crc32 } from 'node:zlib'
import type { SmallContent } from './small-content.ts'
import { damaged, notReadableHere } from './read-failures.ts'

/** The first octet of a head says what follows: a message in clear. */
export const IN_CLEAR = 1
/** The first octet of a head that is encrypted. */
export const SEALED = 2

/** A first octet beyond that was never written. */
const MOST_FORMATS = 31
/** Before the JSON: the format, a checksum of what follows it, and the length of the JSON. */
const FIXED_OCTETS = 9

/** A head as octets: JSON, and small content behind it. */
export function writeHead(json: string, { parts, size }: SmallContent): Buffer {
  const length = Buffer.byteLength(json)
  const octets = Buffer.allocUnsafe(FIXED_OCTETS + length + size)
  octets[0] = IN_CLEAR
  octets.writeUInt32BE(length, 5)
  let at = FIXED_OCTETS + octets.write(json, FIXED_OCTETS)
  for (const content of parts) {
    if (typeof content === 'string') at += octets.write(content, at)
    else {
      octets.set(content, at)
      at += content.byteLength
    }
  }
  octets.writeUInt32BE(crc32(octets.subarray(5)), 1)
  return octets
}

/**
 * The JSON of a head, and the small content behind it.
 *
 * @throws MailError `submit/storage` if an octet was changed, or if a later version wrote it
 */
export function readHead(octets: Buffer): { readonly json: unknown; readonly small: Buffer } {
  checkFormat(octets, IN_CLEAR)
  if (octets.length < FIXED_OCTETS || octets.readUInt32BE(1) !== crc32(octets.subarray(5)))
    throw damaged('its checksum is wrong')
  const end = FIXED_OCTETS + octets.readUInt32BE(5)
  if (end > octets.length) throw damaged('it is too short')
  return { json: JSON.parse(octets.toString('utf8', FIXED_OCTETS, end)), small: octets.subarray(end) }
}

/** Refuses formats that this version does not know. */
export function checkFormat(octets: Uint8Array, ...known: readonly number[]): void {
  const [format = 0] = octets
  if (octets.length === 0) throw damaged('its content was removed')
  if (known.includes(format)) return
  if (format < IN_CLEAR || format > MOST_FORMATS) throw damaged('its first octet is wrong')
  throw notReadableHere(
    `it is in format ${format}, which this version does not know`,
    'A later version of @loudmail/outbox wrote it: run that version, also as worker. Otherwise its octets were changed.',
  )
}
