/**
 * The octets of a part without its transfer encoding (RFC 2045 section 6), exactly as they were before it was encoded.
 * With an unknown encoding, they are what went over the wire.
 */
export function decodeTransfer(encoded: Buffer, encoding: string): Buffer {
  if (encoding === 'base64') return decodeBase64(encoded)
  if (encoding === 'quoted-printable') return decodeQuotedPrintable(encoded)
  return encoded
}

/** Some programs pad every line: what follows the padding is decoded on its own. */
function decodeBase64(encoded: Buffer): Buffer {
  const text = encoded.toString('latin1')
  const units = text.replaceAll(/[-_]+/g, '').split(/=[=\s]*/)
  return Buffer.concat(units.map((unit) => Buffer.from(unit, 'base64')))
}

const EQUALS = 0x3d
const LF = 0x0a

function decodeQuotedPrintable(encoded: Buffer): Buffer {
  const decoded = Buffer.allocUnsafe(encoded.length)
  let size = 0
  for (let start = 0; start < encoded.length;) {
    const found = encoded.indexOf(LF, start)
    const next = found < 0 ? encoded.length : found + 1
    let end = found < 0 ? next : found
    if (end > start && found >= 0 && encoded[end - 1] === 0x0d) end--
    const lineEnd = end
    // Blanks at the end of a line were added on the way (rule 3).
    while (end > start && (encoded[end - 1] === 0x20 || encoded[end - 1] === 0x09)) end--
    const isSoft = end > start && encoded[end - 1] === EQUALS
    if (isSoft) end--
    for (let index = start; index < end; index++) {
      const octet = encoded[index] === EQUALS && index + 2 < end ? hex(encoded, index + 1) : -1
      if (octet >= 0) index += 2
      decoded[size++] = octet >= 0 ? octet : encoded[index]!
    }
    if (!isSoft) size += encoded.copy(decoded, size, lineEnd, next)
    start = next
  }
  return decoded.subarray(0, size)
}

/** The octet of two hexadecimal digits, or -1. */
function hex(bytes: Buffer, index: number): number {
  const text = bytes.toString('latin1', index, index + 2)
  return /^[\da-f]{2}$/i.test(text) ? Number.parseInt(text, 16) : -1
}
