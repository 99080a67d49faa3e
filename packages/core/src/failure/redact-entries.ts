import { redactLines, type Redact } from './redact.ts'
import type { TranscriptEntry } from './transcript.ts'

/** Removes secrets from a conversation, also those that a server splits over several lines or replies. */
export function redactEntries(entries: readonly TranscriptEntry[], redact: Redact): TranscriptEntry[] {
  const shown = [...entries]
  for (const isServer of [true, false]) {
    const places = [...entries.keys()].filter((place) => (entries[place]!.from === 'server') === isServer)
    const lines = redactLines(
      places.flatMap((place) => entries[place]!.text.split('\n')),
      redact,
    )
    let read = 0
    for (const place of places) {
      const entry = entries[place]!
      const text = lines.slice(read, (read += entry.text.split('\n').length)).join('\n')
      if (text !== entry.text) shown[place] = { ...entry, text }
    }
  }
  return shown
}
