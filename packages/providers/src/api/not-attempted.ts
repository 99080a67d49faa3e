import { MailError, type Message, type Transcript } from '@loudmail/core'
import { failAll } from '@loudmail/core/transport'

/** What went wrong before anything was sent, as the failure of this message. */
export function notAttempted(
  message: Message,
  transport: string,
  error: unknown,
  transcript?: Transcript,
): unknown {
  if (!MailError.is(error)) return error
  const { stage, kind, summary, hint, permanence, scope, reply, retryAfterMs, cause } = error
  const init = { stage, kind, summary, hint, permanence, scope, reply, retryAfterMs, cause, transcript }
  return failAll(message, 'not-attempted', { ...init, transport })
}
