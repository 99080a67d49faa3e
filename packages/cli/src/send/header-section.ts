/** A message begins with one of these, or with its first header field. */
const BEFORE = /^(?:\xEF\xBB\xBF)?(?:>?From (?![\t ]*:)[^\r\n]*(?:\r\n|\r|\n))?/
const END = /\r\n\r\n|\n\r?\n|\r\r/
const FIELD = /^([!-9;-~]+)[ \t]*:([^\r\n]*(?:(?:\r\n|\r|\n)[ \t][^\r\n]*)*)(?:\r\n|\r|\n|$)/gm

/** A field in the header section of a message. */
export interface HeaderField {
  /** In lower case. */
  readonly name: string
  /** Unfolded, in UTF-8. */
  readonly value: string
  /** Where it begins in the message. */
  readonly start: number
  /** Where the next field begins. */
  readonly end: number
}

/** The header section of a message (RFC 5322 section 2.2). Positions are octets in the message. */
export function headerSection(message: Uint8Array): {
  /** Where the first field begins, after a byte order mark and the line of a mailbox file. */
  readonly start: number
  readonly fields: readonly HeaderField[]
} {
  // One character for each octet, so that positions in the text are positions in the message.
  const text = Buffer.from(message.buffer, message.byteOffset, message.byteLength).toString('latin1')
  const start = BEFORE.exec(text)?.[0].length ?? 0
  const size = text.slice(start).search(END)
  const section = size < 0 ? text.slice(start) : text.slice(start, start + size)
  const fields = [...section.matchAll(FIELD)].map(({ 0: whole, 1: name, 2: value, index }) => ({
    name: name!.toLowerCase(),
    value: Buffer.from(value!.replaceAll(/[\r\n]+/g, ''), 'latin1')
      .toString()
      .trim(),
    start: start + index,
    end: start + index + whole.length,
  }))
  return { start, fields }
}
