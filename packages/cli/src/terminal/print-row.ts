import type { Terminal } from './terminal.ts'
import { wrapShown } from './wrap-shown.ts'

const LABEL_COLUMNS = 18

/**
 * Prints a text beside its label, in as many lines as it needs.
 *
 * @param note to standard error: it is not a part of the result
 */
export function printRow(terminal: Terminal, label: string, text: string, note = false): void {
  const lines = wrapShown(terminal, text, terminal.columns - LABEL_COLUMNS).split('\n')
  for (const [index, line] of lines.entries()) {
    const before = (index === 0 ? label : '').padEnd(LABEL_COLUMNS - 2)
    if (note) terminal.note(`  ${terminal.styledNote('dim', before)}${line}`)
    else terminal.print(`  ${terminal.styled('dim', before)}${line}`)
  }
}
