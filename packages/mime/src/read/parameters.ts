/** The value of a field such as Content-Type, with its parameters. */
export interface FieldValue {
  /** In lower case; empty if there is none. */
  readonly value: string
  /** By name in lower case; the first one of a name counts. Encoded words are not decoded. */
  readonly parameters: ReadonlyMap<string, string>
}

/** Decodes the encoded words of a text (RFC 2047). */
export type DecodeWords = (text: string) => string

/**
 * Reads a field with parameters (RFC 2045 section 5.1), also those in pieces and with a character set (RFC 2231).
 * What breaks the rules is read as most mail programs read it.
 */
export function readParameters(text: string, decodeWords: DecodeWords): FieldValue {
  const [value = '', ...rest] = splitAtSemicolons(text)
  const plain = new Map<string, string>()
  const pieces = new Map<string, Piece[]>()
  for (const each of rest) {
    const equals = each.indexOf('=')
    const key = (equals < 0 ? each : each.slice(0, equals)).trim().toLowerCase()
    const content = equals < 0 ? '' : unquoted(each.slice(equals + 1))
    const [, name = '', digits, star] = /^([^*]+)\*(?:(\d{1,4})(\*?))?$/.exec(key) ?? []
    if (name === '') {
      if (!plain.has(key)) plain.set(key, content)
      continue
    }
    const encoded = digits === undefined || star === '*'
    const piece = { number: Number(digits ?? 0), encoded, content }
    const list = pieces.get(name)
    if (list) list.push(piece)
    else pieces.set(name, [piece])
  }
  const parameters = new Map(plain)
  for (const [name, list] of pieces) parameters.set(name, joined(list, decodeWords))
  return { value: unquoted(value).toLowerCase(), parameters }
}

interface Piece {
  readonly number: number
  readonly encoded: boolean
  readonly content: string
}

/** Cuts at semicolons outside of quotes, and leaves out comments. */
function splitAtSemicolons(text: string): string[] {
  const parts: string[] = []
  let part = ''
  let depth = 0
  let isQuoted = false
  // A bracket that is never closed is a character of a name.
  const lastClosed = text.lastIndexOf(')')
  for (let index = 0; index < text.length; index++) {
    const character = text[index]!
    if (character === '\\' && (isQuoted || depth > 0)) {
      if (depth === 0) part += text.slice(index, index + 2)
      index++
    } else if (depth > 0) depth += character === '(' ? 1 : character === ')' ? -1 : 0
    else if (character === '"') {
      isQuoted = !isQuoted
      part += character
    } else if (isQuoted) part += character
    else if (character === '(' && index < lastClosed) depth = 1
    else if (character === ';') {
      parts.push(part)
      part = ''
    } else part += character
  }
  return [...parts, part]
}

function unquoted(text: string): string {
  const trimmed = text.trim()
  const [, quoted] = /^"((?:[^"\\]|\\[^])*)"?/.exec(trimmed) ?? []
  return quoted === undefined ? trimmed : quoted.replaceAll(/\\([^])/g, '$1')
}

/** The pieces may be encoded or not; a character may be divided between two encoded ones. */
function joined(pieces: readonly Piece[], decodeWords: DecodeWords): string {
  let charset = 'utf-8'
  let text = ''
  let pending = ''
  const decodePending = (): void => {
    if (/^[\x20-\x24\x26-\x7E]*$/.test(pending)) text += pending
    else text += decodeWords(`=?${charset}?Q?${asQuoted(pending)}?=`)
    pending = ''
  }
  for (const { encoded, content } of pieces.toSorted((a, b) => a.number - b.number)) {
    if (!encoded) {
      decodePending()
      text += content
      continue
    }
    const [, label, rest] = (text === '' && pending === '' && /^([^']*)'[^']*'([^]*)$/.exec(content)) || []
    if (label) charset = label.replaceAll(/[^\w.:+-]/g, '')
    pending += rest ?? content
  }
  decodePending()
  return text
}

/** Percent-encoding in the form of an encoded word. */
function asQuoted(text: string): string {
  return text
    .replaceAll(/%(?![\dA-F]{2})|[^\x21-\x7E]|[=?_]/gi, (character) =>
      Buffer.from(character).toString('hex').replaceAll(/../g, '=$&'),
    )
    .replaceAll('%', '=')
}
