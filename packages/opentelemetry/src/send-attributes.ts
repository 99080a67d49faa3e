import type { TracedAttempt, TracedOutcome, TracedSend } from '@loudmail/core'
import type { Attributes } from '@opentelemetry/api'

/** What is known of an outcome, for spans and for metrics. */
export function outcomeAttributes({ state, error }: TracedOutcome): Attributes {
  return error ? { 'mail.state': state, 'error.type': error.code } : { 'mail.state': state }
}

/** What tells failures apart in counts of sends. */
export function failureAttributes({ error, silenced }: TracedSend): Attributes {
  if (!error) return {}
  const { permanence, delivered } = error
  return { 'mail.permanence': permanence, 'mail.delivered': delivered, 'mail.silenced': silenced ?? false }
}

/** The server of an attempt, as the semantic conventions name it. */
export function serverAttributes({ server }: TracedAttempt): Attributes {
  return server ? { 'server.address': server.host, 'server.port': server.port } : {}
}
