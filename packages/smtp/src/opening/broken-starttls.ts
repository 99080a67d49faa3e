import type { Kind } from '@loudmail/core'
import { OpeningFailure } from './opening-failure.ts'

/** These are no fault of the server's TLS. */
const OTHER: readonly Kind[] = ['invalid-config', 'response-injection', 'aborted']

/** Whether a server offered STARTTLS and then could not do it. */
export function isBrokenStartTls(failure: unknown): failure is OpeningFailure {
  return failure instanceof OpeningFailure && !failure.init.reply && !OTHER.includes(failure.init.kind)
}
