import type { StoredMail } from '@loudmail/debug'
import { visible } from '@loudmail/core/transport'
import type { Terminal } from '../terminal/terminal.ts'

/** How many recipients a line names. */
const SHOWN = 3

/** A mail in one line: when, how it ended, from, to and subject. */
export function mailLine(mail: StoredMail, terminal: Terminal): string {
  const { at, envelope, subject, error } = mail
  const outcome = error
    ? terminal.styled('red', `✗ ${error.code}`)
    : terminal.styled('green', `✓ ${mail.state}`)
  const who =
    envelope.from === '' && envelope.to.length === 0
      ? 'no message came'
      : `${envelope.from || '<>'} → ${shownRecipients(envelope.to)}`
  const time = terminal.styled('dim', at.toTimeString().slice(0, 8))
  const title = subject === '' ? '' : `  ${visible(subject.slice(0, 200))}`
  return `${time}  ${outcome}  ${visible(who)}${title}`
}

/** A mail as one object for a script. The URL gives the rest of it. */
export function mailJson(mail: StoredMail, inboxUrl: string): object {
  const { content: _, transcript: __, searchText: ___, error, ...facts } = mail
  const why = error && { summary: error.summary, hint: error.hint, delivered: error.delivered }
  return { ...facts, error: why, url: `${inboxUrl}api/mails/${mail.id}` }
}

function shownRecipients(to: readonly string[]): string {
  const more = to.length - SHOWN
  const shown = to.slice(0, SHOWN).join(', ') || 'nobody'
  return more > 0 ? `${shown} and ${more} more` : shown
}
