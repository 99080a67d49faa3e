/** The code a reply begins with, or 0 if it begins with none. */
export function replyCode(text: string): number {
  return Number(/^\d{3}(?![^\s-])/.exec(text)?.[0] ?? 0)
}

/** Whether a code means success (RFC 5321 section 4.2.1). */
export function isPositive(code: number): boolean {
  return code >= 200 && code < 300
}

/** The lines of a reply as bytes for the wire. */
export function replyBytes(text: string, lineEnd: '\r\n' | '\n'): Buffer {
  return Buffer.from(text.replaceAll(/\r?\n/g, lineEnd) + lineEnd)
}

/** The bytes of a raw action: text without characters above U+00FF has one byte per character, other text is UTF-8. */
export function rawBytes(raw: string | Uint8Array): Buffer {
  if (typeof raw !== 'string') return Buffer.from(raw)
  // oxlint-disable-next-line no-control-regex
  return Buffer.from(raw, /^[\0-\xff]*$/.test(raw) ? 'latin1' : 'utf8')
}
