import { MailError } from '@loudmail/core'
import { firstLineRoom } from './header-field.ts'
import { SINGLE_BLANK } from './unstructured.ts'

const PRINTABLE = /^[\t -~]*$/

/**
 * The value of a field such as Auto-Submitted or Resent-Message-ID as words to fold between. It stays as it is, because
 * an encoded-word would be read as a part of the value.
 *
 * @throws MailError `compose/invalid-message` for characters beyond ASCII and controls
 */
export function tokenWords(name: string, value: string): string[] {
  if (!PRINTABLE.test(value))
    throw malformed(name, 'contains a control character or one beyond ASCII, which this field cannot carry')
  const trimmed = value.trim()
  if (trimmed === '') return []
  return trimmed.length <= firstLineRoom(name) ? [trimmed] : trimmed.split(SINGLE_BLANK)
}

/** The error for a value that does not have the syntax of its field. */
export function malformed(name: string, why: string, hint?: string): MailError {
  const summary = `the header field ${name} ${why}`
  return new MailError({ stage: 'compose', kind: 'invalid-message', summary, hint })
}
