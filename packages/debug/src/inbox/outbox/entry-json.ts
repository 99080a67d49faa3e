import { failureOf } from '../../stores/mail-record.ts'
import type { ShownEntry } from './shown-outbox.ts'

/** A line of the list. */
export function entrySummaryJson(entry: ShownEntry, base: string): object {
  const { id, state, from, to, subject, messageId, idempotencyKey, priority, attempts } = entry
  const { createdAt, updatedAt, dueAt, giveUpAt, failures } = entry
  return {
    id,
    state,
    from,
    to,
    subject,
    messageId,
    idempotencyKey,
    priority,
    attempts,
    createdAt,
    updatedAt,
    dueAt,
    giveUpAt,
    code: failures.at(-1)?.code,
    url: `${base}api/entries/${id}`,
    pageUrl: `${base}?mail=${id}`,
  }
}

/** Everything that is known of an entry. */
export function entryJson(entry: ShownEntry, base: string): object {
  const { recipients, failures, response } = entry
  return {
    ...entrySummaryJson(entry, base),
    recipients,
    failures: failures.map((error) => ({ ...failureOf(error), transcript: error.transcript?.entries })),
    response,
  }
}
