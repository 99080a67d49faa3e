import type { OutboxEntry } from '@loudmail/outbox'
import { failureJson } from '../failure-json.ts'

/** The object that `--json` prints for an entry: with why the last attempt failed. */
export function entryJson(entry: OutboxEntry): object {
  const { failures: _, error, ...facts } = entry
  return { ...facts, error: error && failureJson(error) }
}

/** An entry with every failure that is known, and their conversations. */
export function entryDetails(entry: OutboxEntry): object {
  const failures = entry.failures.map((error) => ({ ...failureJson(error), transcript: error.transcript }))
  return { ...entryJson(entry), failures }
}
