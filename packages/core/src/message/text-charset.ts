/**
 * The charset of a text as its octets show it: a byte order mark, or that all of it is valid UTF-8. Undefined if neither
 * does: nothing may be said to be UTF-8 that is not.
 *
 * @param isWhole false for the beginning of a longer text, which may end within a character
 */
export function textCharset(text: Uint8Array, isWhole: boolean): string | undefined {
  const marked = byteOrderMark(text)
  if (marked) return marked
  if (isUtf16(text) || isIso2022(text)) return undefined
  const characters = isWhole ? text : text.subarray(0, text.length - cutOctets(text))
  return process.getBuiltinModule('node:buffer').isUtf8(characters) ? 'utf-8' : undefined
}

function byteOrderMark([first, second, third, fourth]: Uint8Array): string | undefined {
  if (first === 0 && second === 0 && third === 0xfe && fourth === 0xff) return 'utf-32'
  if (first === 0xfe && second === 0xff) return 'utf-16'
  if (first !== 0xff || second !== 0xfe) return undefined
  return third === 0 && fourth === 0 ? 'utf-32' : 'utf-16'
}

/** UTF-16 without a byte order mark. Its ASCII would be valid UTF-8, with a NUL in every character. */
function isUtf16([first, second, third, fourth]: Uint8Array): boolean {
  return (first !== 0 && second === 0 && fourth === 0) || (first === 0 && second !== 0 && third === 0)
}

const ESCAPE = 0x1b

/** ISO-2022-JP and its like write other characters in ASCII, between escapes (RFC 1468). */
function isIso2022(text: Uint8Array): boolean {
  if (!text.includes(ESCAPE)) return false
  const bytes = Buffer.from(text.buffer, text.byteOffset, text.byteLength)
  return bytes.includes('\x1B$') || bytes.includes('\x1B(')
}

/** How many octets at the end begin a character that is longer. */
function cutOctets(text: Uint8Array): number {
  for (let back = 1; back <= 3 && back <= text.length; back++) {
    const octet = text[text.length - back]!
    if (octet < 0x80) return 0
    if (octet >= 0xc0) return back < (octet >= 0xf0 ? 4 : octet >= 0xe0 ? 3 : 2) ? back : 0
  }
  return 0
}
