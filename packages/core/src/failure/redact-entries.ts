import { redactLines, type Redact } from './redact.ts'
import type { TranscriptEntry } from './transcript.ts'

/** Removes secrets from a conversation, also those that the server splits over several lines or replies. */
export function redactEntries(entries: readonly TranscriptEntry[], redact: Redact): TranscriptEntry[] {
  const said = entries.filter(({ from }) => from === 'server').map(({ text }) => text)
  const shown = redactLines(said, redact)
  let next = 0
  return entries.map((entry) => {
    const text = entry.from === 'server' ? shown[next++]! : redact(entry.text)
    return text === entry.text ? entry : { ...entry, text }
  })
}
