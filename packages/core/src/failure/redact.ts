import { formsOf } from '../redaction/forms.ts'
import { Needles, type Range } from '../redaction/needles.ts'

export const PLACE = '<redacted>'

/** Removes every known secret from a text, in every encoding that a mail conversation uses. It keeps the number of lines. */
export type Redact = (text: string) => string

/**
 * Creates a function that replaces the given secrets by `<redacted>`: as they are and in base64 and hex, escaped as in URLs,
 * HTML, JSON, quoted-printable or xtext, in upper or lower case, and over line ends and reply codes. A piece of a long
 * secret is replaced too. Secrets of fewer than four characters are replaced in base64 only.
 */
export function redactor(secrets: Iterable<string | undefined>): Redact {
  const needles = new Needles()
  for (const secret of secrets) if (secret) for (const form of formsOf(secret)) needles.add(form)
  return (text) => mask(text, needles)
}

/** Replaces what the needles find. */
export function mask(text: string, needles: Needles): string {
  if (needles.isEmpty || text === '') return text
  const found = needles.find(text)
  return found.length === 0 ? text : withoutRanges(text, found)
}

/** Line ends, and the codes of replies after them, stay: nobody can read the secret from them, and they make the text clear. */
const LINE_END = /(=?\r?\n[ \t]*(?:[2-5]\d\d[ -])?(?:[245]\.\d{1,3}\.\d{1,3}[ \t])?)/

function withoutRanges(text: string, ranges: readonly Range[]): string {
  const parts: string[] = []
  let read = 0
  let open: [start: number, end: number] | undefined
  const close = (): void => {
    if (!open) return
    const [start, end] = open
    parts.push(text.slice(read, start))
    for (const [index, part] of text.slice(start, end).split(LINE_END).entries())
      parts.push(index % 2 === 1 || part === '' ? part : PLACE)
    read = end
  }
  for (const [start, end] of ranges.toSorted((a, b) => a[0] - b[0])) {
    if (open && start < open[1]) open[1] = Math.max(open[1], end)
    else {
      close()
      open = [start, end]
    }
  }
  close()
  parts.push(text.slice(read))
  return parts.join('')
}

/** Removes secrets from lines, also those that are split over several of them. */
export function redactLines(lines: readonly string[], redact: Redact): string[] {
  return redact(lines.join('\n')).split('\n')
}
