import type { MailSummary, StoredFailure, StoredMail } from './mail-store.ts'

/** A mail as a file holds it, without its content. */
export type MailRecord = Omit<StoredMail, 'at' | 'content'> & { readonly at: string }

/** Whether what a file says can be one: a folder may hold the files of others. */
export function isMailRecord(value: unknown): value is MailRecord {
  const { id, at, envelope } = (value ?? {}) as Partial<MailRecord>
  return typeof id === 'string' && !Number.isNaN(Date.parse(at ?? '')) && Array.isArray(envelope?.to)
}

export function toRecord({ content: _content, at, error, ...mail }: StoredMail): MailRecord {
  return { ...mail, at: at.toISOString(), ...(error && { error: failureOf(error) }) }
}

export function fromRecord(record: MailRecord): StoredMail {
  return { ...record, at: new Date(record.at) }
}

export function summaryOf({
  content: _content,
  transcript: _transcript,
  error: _error,
  ...summary
}: StoredMail): MailSummary {
  return summary
}

/** A failure as data: what a MailError says of itself when it is made into JSON is shortened. */
function failureOf(failure: StoredFailure): StoredFailure {
  const { code, stage, kind, scope, permanence, delivered, retryable, message, summary, hint } = failure
  const { reply, recipients, transport, messageId, failures } = failure
  const words = { code, stage, kind, scope, permanence, delivered, retryable, message, summary, hint }
  return { ...words, reply, recipients, transport, messageId, failures: failures.map(failureOf) }
}
