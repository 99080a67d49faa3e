/** Octets in one line of 76 characters (RFC 2045 section 6.8). */
const LINE_OCTETS = 57
const LINE = 76
const LINE_WITH_CRLF = 78
const CRLF = 0x0a0d
/** Lines that are encoded at a time: their characters stay in the processor's cache. */
const BLOCK_OCTETS = LINE_OCTETS * 256

const block = Buffer.allocUnsafeSlow((BLOCK_OCTETS / 3) * 4)
const blockView = new DataView(block.buffer)

/** The octets that {@link writeBase64} writes for so many. */
export function base64Length(octets: number): number {
  const characters = Math.ceil(octets / 3) * 4
  return characters + 2 * Math.ceil(characters / LINE)
}

/** Writes `content` as base64 in lines of 76 characters, each ended by CRLF; returns where it stopped writing. */
export function writeBase64(content: Buffer, out: Buffer, offset: number): number {
  for (let at = 0; at < content.length; at += BLOCK_OCTETS) {
    const length = block.write(content.toString('base64', at, at + BLOCK_OCTETS), 0, 'latin1')
    offset = writeLines(length, out, offset)
  }
  return offset
}

/**
 * Copies the block line by line. Eight octets at a time as doubles is by far the fastest copy of 76 octets there is
 * outside native code, and exact: a double of ASCII characters is never a NaN.
 */
function writeLines(length: number, out: Buffer, offset: number): number {
  const view = new DataView(out.buffer, out.byteOffset, out.length)
  let from = 0
  for (; from + LINE <= length; from += LINE) {
    for (let index = 0; index < 72; index += 8) {
      view.setFloat64(offset + index, blockView.getFloat64(from + index, true), true)
    }
    view.setInt32(offset + 72, blockView.getInt32(from + 72, true), true)
    view.setUint16(offset + LINE, CRLF, true)
    offset += LINE_WITH_CRLF
  }
  if (from === length) return offset
  offset += block.copy(out, offset, from, length)
  view.setUint16(offset, CRLF, true)
  return offset + 2
}
