import { MailError } from '@loudmail/core'

/** Lines are folded to this length: RFC 5322 recommends 78, and RFC 2047 allows 76 for lines with encoded-words. */
export const FOLD_AT = 76

/** No line may be longer (RFC 5322 section 2.1.1), in octets without its CRLF. */
export const LONGEST_LINE = 998

const FIELD_NAME = /^[!-9;-~]+$/
// oxlint-disable-next-line no-control-regex -- these are the characters that must never get through
const LINE_BREAKING = /[\r\n\0]/

/**
 * One header field with its CRLF, folded only between `words` (RFC 5322 section 2.2.3). Every field of a message is
 * written here, so no value can start a line of its own: CR, LF or NUL in a value is `compose/header-injection`.
 */
export function headerField(name: string, words: readonly string[]): string {
  const line = words.length === 0 ? `${name}:` : `${name}: ${words.join(' ')}`
  if (!FIELD_NAME.test(name) || LINE_BREAKING.test(line)) {
    throw new MailError({
      stage: 'compose',
      kind: 'header-injection',
      summary: `the header field ${JSON.stringify(name)} has an invalid name, or contains a line break or a NUL character`,
    })
  }
  return line.length <= FOLD_AT ? `${line}\r\n` : folded(name, words)
}

/** How many characters are left on the first line of a field. */
export function firstLineRoom(name: string): number {
  return FOLD_AT - name.length - 2
}

function folded(name: string, words: readonly string[]): string {
  let field = `${name}:`
  let column = field.length
  let longest = 0
  for (const [index, word] of words.entries()) {
    // The first word stays on the line of the name: some programs do not read what follows an empty first line.
    if (index > 0 && column + 1 + word.length > FOLD_AT) {
      field += `\r\n ${word}`
      column = 1 + word.length
    } else {
      field += ` ${word}`
      column += 1 + word.length
    }
    longest = Math.max(longest, column)
  }
  // A UTF-16 unit is at most three octets in UTF-8.
  if (longest * 3 > LONGEST_LINE) refuseLongLines(name, field)
  return `${field}\r\n`
}

function refuseLongLines(name: string, field: string): void {
  const octets = Math.max(...field.split('\r\n').map((line) => Buffer.byteLength(line)))
  if (octets <= LONGEST_LINE) return
  throw new MailError({
    stage: 'compose',
    kind: 'invalid-message',
    summary: `the header field ${name} has a line of ${octets} octets that cannot be folded; the limit is ${LONGEST_LINE}`,
  })
}
