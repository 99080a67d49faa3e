import { MailError } from '@loudmail/core'
import { OpeningFailure } from './opening-failure.ts'
import type { Opening } from './opening.ts'

/** The failure of an opening that no message waits for, with its conversation. */
export function openingError(error: unknown, { recorder, situation }: Opening, transport: string): MailError {
  const init =
    error instanceof OpeningFailure
      ? error.init
      : ({ stage: 'connect', kind: 'unexpected', cause: error } as const)
  return new MailError({
    ...init,
    transport,
    redact: recorder?.redact,
    transcript: recorder?.transcript(),
    situation,
  })
}
