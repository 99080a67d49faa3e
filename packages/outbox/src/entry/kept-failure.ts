import { MailError } from '@loudmail/core'
import type { MailErrorInit } from '@loudmail/core/transport'

/** A failure as JSON. */
export type KeptFailure = Omit<MailErrorInit, 'cause' | 'failures' | 'redact' | 'situation'> & {
  readonly failures: readonly KeptFailure[]
}

/** The most entries of a conversation that are kept. */
const MOST_LINES = 400

export function keptFailure(error: MailError): KeptFailure {
  const {
    stage,
    kind,
    summary,
    scope,
    permanence,
    delivered,
    retryAfterMs,
    reply,
    recipients,
    hint,
    transport,
    messageId,
    transcript,
  } = error
  return {
    stage,
    kind,
    summary,
    scope,
    permanence,
    delivered,
    retryAfterMs,
    reply,
    recipients,
    hint,
    transport,
    messageId,
    transcript: transcript && { entries: transcript.entries.slice(-MOST_LINES) },
    failures: error.failures.map((failure) => ({ ...keptFailure(failure), transcript: undefined })),
  }
}

export function restoredFailure(kept: KeptFailure): MailError {
  return new MailError({ ...kept, failures: kept.failures.map(restoredFailure) })
}
