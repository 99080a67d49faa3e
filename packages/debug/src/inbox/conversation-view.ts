import type { Transcript, TranscriptEntry } from '@loudmail/core'
import type { StoredFailure } from '../stores/mail-store.ts'
import { html, type Html } from './html.ts'

/** How many refusals are marked: looking for each of thousands would take minutes. */
const MARKED_MAX = 100
/** The fragment of the address that leads to the line that failed. */
export const FAILED_LINE = 'failed-line'
const SPEAKERS = { client: 'Client', server: 'Server', event: 'Event' } as const

/** The conversation line by line; the step that failed is marked. */
export function conversationView(transcript: Transcript | undefined, error: StoredFailure | undefined): Html {
  if (!transcript || transcript.entries.length === 0)
    return html`<p class="empty">
      There is no conversation${error ? ': the send failed before it began' : ''}.
    </p>`
  const { entries } = transcript
  const failed = error ? failedLines(entries, error) : new Set<TranscriptEntry>()
  const first = [...failed].find(({ from }) => from !== 'client') ?? [...failed][0]
  const connections = [...new Set(entries.map(({ connection }) => connection))]
  return html`<table class="conversation">
    <thead>
      <tr>
        <th scope="col">Time</th>
        <th scope="col">Who</th>
        <th scope="col">What</th>
      </tr>
    </thead>
    <tbody>
      ${entries.map(
        (entry) =>
          html`<tr
            class="${entry.from}${failed.has(entry) ? ' failed' : ''}"
            ${entry === first && html` id="${FAILED_LINE}"`}
          >
            <td class="time">+${Math.round(entry.atMs)} ms</td>
            <th scope="row">
              ${SPEAKERS[entry.from]}${connections.length > 1 && ` ${connections.indexOf(entry.connection) + 1}`}
            </th>
            <td>
              <code>${shownText(entry.text)}</code
              >${failed.has(entry) && entry.from !== 'client' && html` <strong>failed here</strong>`}
            </td>
          </tr>`,
      )}
    </tbody>
  </table>`
}

/** The replies that refused something, and the commands they answer; if there is none, the last line. */
function failedLines(entries: readonly TranscriptEntry[], error: StoredFailure): Set<TranscriptEntry> {
  const replies = [error, ...error.recipients.filter(({ status }) => status !== 'accepted')]
    .flatMap(({ reply }) => reply ?? [])
    .slice(0, MARKED_MAX)
  const found = new Set<TranscriptEntry>()
  for (const { code, text, command } of replies) {
    const words = text.split('\n')[0]!
    const answer = entries.findLast(
      (entry) => entry.from === 'server' && entry.text.startsWith(String(code)) && entry.text.includes(words),
    )
    if (answer) found.add(answer)
    const asked = entries.findLast(
      (entry) => entry.from === 'client' && command !== undefined && entry.text.startsWith(command),
    )
    if (asked) found.add(asked)
  }
  return new Set(found.size > 0 ? entries.filter((entry) => found.has(entry)) : entries.slice(-1))
}

/** Shows control characters as their pictures (U+2400 and up). */
function shownText(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replaceAll(/[\0-\x1F]/g, (control) => String.fromCodePoint(0x2400 + control.codePointAt(0)!))
}
