import { visible } from '@loudmail/core/transport'
import type { OutboxEntry } from '@loudmail/outbox'
import type { Terminal } from '../terminal/terminal.ts'
import { timeInWords } from './time-in-words.ts'

const ID_COLUMNS = 36
const STATE_COLUMNS = 9
const TIME_COLUMNS = 14
/** How many recipients a line names. */
const SHOWN = 3

const STYLES = {
  waiting: 'cyan',
  scheduled: 'cyan',
  'in-flight': 'cyan',
  'in-doubt': 'yellow',
  dead: 'red',
  sent: 'green',
  discarded: 'dim',
} as const

/** The heading of the table that `entryLine` makes. */
export const entryHeading = `${'id'.padEnd(ID_COLUMNS)}  ${'state'.padEnd(STATE_COLUMNS)}  ${'when'.padEnd(TIME_COLUMNS)}  what`

/** An entry in one line: its id, its state, since when or until when, who gets it, its subject, and why it failed. */
export function entryLine(entry: OutboxEntry, terminal: Terminal): string {
  const { id, state, dueAt, updatedAt, to, subject, error } = entry
  const when = timeInWords(state === 'scheduled' ? dueAt : updatedAt)
  const parts = [recipients(to), subject ?? '', state !== 'sent' && error ? error.code : '']
  const what = visible(terminal.secrets.redact(parts.filter(Boolean).join('  ')))
  const before = ID_COLUMNS + STATE_COLUMNS + TIME_COLUMNS + 6
  const styledState = terminal.styled(STYLES[state], state.padEnd(STATE_COLUMNS))
  return `${id}  ${styledState}  ${when.padEnd(TIME_COLUMNS)}  ${cut(what, before, terminal)}`
}

/** In a terminal, an entry stays on its line. */
function cut(text: string, before: number, { isInteractive }: Terminal): string {
  const most = isInteractive ? process.stdout.columns - before : Infinity
  return text.length > most && most > 1 ? `${text.slice(0, most - 1)}…` : text
}

function recipients(to: readonly string[]): string {
  const more = to.length - SHOWN
  const shown = to.slice(0, SHOWN).join(', ')
  return more > 0 ? `${shown} and ${more} more` : shown
}
