const TAB = 0x09
const LF = 0x0a
const CR = 0x0d
const SPACE = 0x20
const EQUALS = 0x3d
const HEX = Buffer.from('0123456789ABCDEF')
/** Lines are at most 76 characters long with the `=` of a soft line break (RFC 2045 section 6.7). */
const LONGEST = 75
const ENCODED = 3
const F = 0x46
const FROM = Buffer.from('From ')
/** More than what is written between two checks of the limit. */
const SLACK = 100

/** Octets that need no encoding. A blank needs none unless it ends a line. */
const IS_PLAIN = Uint8Array.from({ length: 256 }, (_, octet) => {
  return Number((octet >= SPACE && octet < 0x7f && octet !== EQUALS) || octet === TAB)
})

/**
 * Text with CRLF line ends as quoted-printable (RFC 2045 section 6.7), or undefined if that would be longer than `limit`
 * octets.
 */
export function quotedPrintable(text: Buffer, limit: number): Buffer | undefined {
  const out = Buffer.allocUnsafe(Math.min(limit, text.length * 4) + SLACK)
  const end = text.length
  let index = 0
  let length = 0
  let lineStart = 0
  for (;;) {
    // A mailbox file would put a `>` in front of such a line (RFC 4155).
    if (length === lineStart && text[index] === F && FROM.equals(text.subarray(index, index + FROM.length)))
      length = writeEncoded(out, length, text[index++]!)
    const stop = Math.min(end, index + LONGEST - (length - lineStart))
    while (index < stop && IS_PLAIN[text[index]!] === 1) out[length++] = text[index++]!
    if (length > limit) return undefined
    if (index === end || text[index] === CR) {
      const last = length > lineStart ? out[length - 1]! : 0
      if (last === SPACE || last === TAB) {
        length--
        if (length - lineStart > LONGEST - ENCODED) length = writeSoftBreak(out, length)
        length = writeEncoded(out, length, last)
      }
      if (index === end) return length > limit ? undefined : out.subarray(0, length)
      out[length++] = CR
      out[length++] = LF
      index += 2
      lineStart = length
    } else if (index < stop && length - lineStart <= LONGEST - ENCODED) {
      length = writeEncoded(out, length, text[index++]!)
    } else {
      length = writeSoftBreak(out, length)
      lineStart = length
    }
  }
}

function writeEncoded(out: Buffer, length: number, octet: number): number {
  out[length] = EQUALS
  out[length + 1] = HEX[octet >> 4]!
  out[length + 2] = HEX[octet & 15]!
  return length + ENCODED
}

function writeSoftBreak(out: Buffer, length: number): number {
  out[length] = EQUALS
  out[length + 1] = CR
  out[length + 2] = LF
  return length + 3
}
