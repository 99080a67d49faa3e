import { visible } from '@loudmail/core/transport'
import type { Terminal } from '../terminal/terminal.ts'
import { wrapShown } from '../terminal/wrap-shown.ts'
import type { Step, Verdict } from './report.ts'

const MARKS = {
  pass: ['green', '✓'],
  warn: ['yellow', '!'],
  fail: ['red', '✗'],
  skip: ['dim', '-'],
} as const satisfies Record<Verdict, unknown>

const NAME_COLUMNS = 15
const TIME_COLUMNS = 8
const INDENT = 2 + 2 + NAME_COLUMNS + TIME_COLUMNS + 2
/** The most lines of a server that are shown. */
const MOST_LINES = 8

/** Prints a step: its mark, its name, how long it took, what was found, and the server's words if they explain a fault. */
export function printStep(terminal: Terminal, { name, verdict, durationMs, detail, reply }: Step): void {
  const [colour, mark] = MARKS[verdict]
  const dim = (text: string): string => terminal.styled('dim', text)
  const shown = verdict === 'skip' ? dim : (text: string): string => text
  const [label, text] = fitted(visible(name), detail)
  const time = durationMs > 0 ? duration(durationMs) : ''
  const [first = '', ...rest] = wrapShown(terminal, text, terminal.columns - INDENT).split('\n')
  const start = `  ${terminal.styled(colour, mark)} ${shown(label.padEnd(NAME_COLUMNS))}`
  terminal.print(`${start}${dim(time.padStart(TIME_COLUMNS))}  ${shown(first)}`)
  for (const line of rest) terminal.print(' '.repeat(INDENT) + shown(line))
  if (reply && (verdict === 'warn' || verdict === 'fail')) printReply(terminal, reply)
}

/** A name that is too long, such as `TCP to [2001:db8::1]:587`, goes on in the detail. */
function fitted(name: string, detail: string): readonly [label: string, text: string] {
  const [label = '', to] = name.split(' to ')
  if (name.length <= NAME_COLUMNS || to === undefined) return [name, detail]
  return [label, `To ${to}: ${detail.charAt(0).toLowerCase()}${detail.slice(1)}`]
}

function printReply(terminal: Terminal, { code, enhanced, text }: NonNullable<Step['reply']>): void {
  const reply = [code, enhanced, text].filter(Boolean).join(' ')
  // A secret may be in several lines.
  const said = terminal.secrets.redact(reply).split('\n')
  const shown = said.slice(0, MOST_LINES)
  if (said.length > MOST_LINES) shown.push(`… and ${said.length - MOST_LINES} more lines`)
  for (const line of wrapShown(terminal, shown.join('\n'), terminal.columns - INDENT - 2).split('\n'))
    terminal.print(`${' '.repeat(INDENT)}${terminal.styled('dim', `> ${line}`)}`)
}

/** `3 ms`, `1.2 s`. */
function duration(ms: number): string {
  if (ms < 1) return '<1 ms'
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`
}
