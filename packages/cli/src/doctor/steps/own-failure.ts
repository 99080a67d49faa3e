import { MailError, type Stage } from '@loudmail/core'

/** What a transport of the application has thrown, as a failure. What is no MailError is `unexpected`, with its text. */
export function ownFailure(error: unknown, stage: Stage): MailError {
  if (MailError.is(error)) return error
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return new MailError({
    stage,
    kind: 'unexpected',
    summary: `the transport failed unexpectedly: ${text}`,
    cause: error,
  })
}
