import { createHash } from 'node:crypto'

const END_OF_HEADER = '\r\n\r\n'
/** A line end that is not followed by a folded line. */
const BETWEEN_FIELDS = /\r\n(?![\t ])/

/** What a DKIM signature covers: the header fields as they are, and the hash of the body. */
export interface Digest {
  /** The fields that are signed, in order. */
  readonly fields: readonly string[]
  /** SHA-256 of the body in relaxed canonical form, in base64. */
  readonly bodyHash: string
}

/** Reads a message for signing, in any chunks. Every line must end with CRLF. */
export interface Digester {
  update(chunk: Buffer): void
  digest(): Digest
}

/** A {@link Digester} for one message. Of the body it holds only blanks that may turn out to be at its end. */
export function digester(): Digester {
  const hash = createHash('sha256')
  let header: string | undefined
  let pending = ''
  let isEmpty = true
  const readBody = (text: string) => {
    const end = endOfVisible(text)
    pending = text.slice(end)
    if (end === 0) return
    isEmpty = false
    hash.update(relaxedBody(text.slice(0, end)), 'latin1')
  }
  return {
    update(chunk) {
      const text = pending + chunk.toString('latin1')
      if (header !== undefined) return readBody(text)
      const end = text.indexOf(END_OF_HEADER)
      if (end === -1) pending = text
      else {
        header = text.slice(0, end)
        readBody(text.slice(end + END_OF_HEADER.length))
      }
    },
    digest() {
      if (header === undefined) header = pending.slice(0, endOfVisible(pending))
      // Blank lines at the end do not count. A body that is not empty ends with one CRLF (RFC 6376 section 3.4.4).
      if (!isEmpty) hash.update('\r\n')
      return { fields: header.split(BETWEEN_FIELDS), bodyHash: hash.digest('base64') }
    },
  }
}

/** A field in relaxed canonical form, without CRLF (RFC 6376 section 3.4.2). */
export function relaxedField(field: string): string {
  const colon = field.indexOf(':')
  const value = field
    .slice(colon + 1)
    .replaceAll('\r\n', '')
    .replace(/[\t ]+/g, ' ')
  // Only blanks: trim() would also remove an octet A0.
  return `${fieldName(field)}:${value.replaceAll(/^ | $/g, '')}`
}

/** The name of a field in lower case. */
export function fieldName(field: string): string {
  return field.slice(0, field.indexOf(':')).trimEnd().toLowerCase()
}

/** Text that ends with a visible character, in relaxed canonical form (RFC 6376 section 3.4.4). */
function relaxedBody(text: string): string {
  const collapsed = text.includes('\t') || text.includes('  ') ? text.replace(/[\t ]+/g, ' ') : text
  return collapsed.replaceAll(' \r\n', '\r\n')
}

function endOfVisible(text: string): number {
  let end = text.length
  while (end > 0 && ' \t\r\n'.includes(text[end - 1]!)) end--
  return end
}
