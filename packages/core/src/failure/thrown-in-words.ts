import { redactCredentials } from '../redaction/credentials.ts'

/**
 * Says in words what was thrown, whatever it is, for a warning: the name and the message of an error, or a value as a text.
 * What looks like a credential is replaced by `<redacted>`: a user and password in a URL, a token, a key. It never throws.
 */
export function thrownInWords(thrown: unknown): string {
  try {
    return redactCredentials(String(thrown)) || 'something without words'
  } catch {
    // Such as an object without a prototype, or a getter that throws.
    return 'something that cannot be printed'
  }
}
