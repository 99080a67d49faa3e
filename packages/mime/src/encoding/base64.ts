/** Octets in one line of 76 characters (RFC 2045 section 6.8). */
const LINE_OCTETS = 57
const LINE = 76
const CRLF = 0x0a0d

/** The two characters for each 12 bits, the first in the low octet. Filled when it is first needed. */
const PAIRS = new Uint16Array(4096)

/** How many octets {@link writeBase64} writes for this many octets of content. */
export function base64Length(octets: number): number {
  const characters = Math.ceil(octets / 3) * 4
  return characters + 2 * Math.ceil(characters / LINE)
}

/**
 * Writes `content` as base64 in lines of 76 characters, each ended by CRLF, and returns the end offset. It is as fast as
 * native code, whose output would have to be cut into lines. It creates no strings, so a large file leaves no garbage.
 */
export function writeBase64(content: Buffer, out: Buffer, offset: number): number {
  if (PAIRS[0] === 0) fillPairs()
  const from = new DataView(content.buffer, content.byteOffset, content.length)
  const to = new DataView(out.buffer, out.byteOffset, out.length)
  let at = 0
  while (at + LINE_OCTETS <= content.length) {
    // Four times 12 octets, then 9: three 32-bit words give 16 characters.
    for (let times = 0; times < 4; times++) {
      const first = from.getUint32(at)
      const second = from.getUint32(at + 4)
      const third = from.getUint32(at + 8)
      to.setInt32(offset, fourCharacters(first >>> 8), true)
      to.setInt32(offset + 4, fourCharacters(((first & 0xff) << 16) | (second >>> 16)), true)
      to.setInt32(offset + 8, fourCharacters(((second & 0xffff) << 8) | (third >>> 24)), true)
      to.setInt32(offset + 12, fourCharacters(third & 0xffffff), true)
      at += 12
      offset += 16
    }
    const first = from.getUint32(at)
    const second = from.getUint32(at + 4)
    const last = from.getUint8(at + 8)
    to.setInt32(offset, fourCharacters(first >>> 8), true)
    to.setInt32(offset + 4, fourCharacters(((first & 0xff) << 16) | (second >>> 16)), true)
    to.setInt32(offset + 8, fourCharacters(((second & 0xffff) << 8) | last), true)
    to.setUint16(offset + 12, CRLF, true)
    at += 9
    offset += 14
  }
  if (at === content.length) return offset
  offset += out.write(content.toString('base64', at), offset, 'latin1')
  to.setUint16(offset, CRLF, true)
  return offset + 2
}

/** The four characters for 24 bits, the first in the lowest octet. */
function fourCharacters(bits: number): number {
  return PAIRS[bits >>> 12]! | (PAIRS[bits & 0xfff]! << 16)
}

function fillPairs(): void {
  const alphabet = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/')
  for (let bits = 0; bits < 4096; bits++) PAIRS[bits] = alphabet[bits >> 6]! | (alphabet[bits & 63]! << 8)
}
