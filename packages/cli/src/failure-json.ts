import type { MailError } from '@loudmail/core'

/** What `--json` says about a failure. */
export type FailureJson = Pick<
  MailError,
  | 'code'
  | 'stage'
  | 'kind'
  | 'summary'
  | 'hint'
  | 'delivered'
  | 'permanence'
  | 'retryable'
  | 'reply'
  | 'recipients'
  | 'location'
>

/** The object that `--json` prints for a failure. Its conversation is not in it. */
export function failureJson(error: MailError): FailureJson {
  const { code, stage, kind, summary, hint, delivered, permanence, retryable } = error
  const { reply, recipients, location } = error
  return { code, stage, kind, summary, hint, delivered, permanence, retryable, reply, recipients, location }
}
