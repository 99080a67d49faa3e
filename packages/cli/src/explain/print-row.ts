import type { Terminal } from '../terminal/terminal.ts'
import { wrapText } from '../terminal/wrap-text.ts'

const LABEL_COLUMNS = 18

/** Prints a text beside its label, in as many lines as it needs. */
export function printRow(terminal: Terminal, label: string, text: string): void {
  const lines = wrapText(text, terminal.columns - LABEL_COLUMNS).split('\n')
  for (const [index, line] of lines.entries()) {
    const before = (index === 0 ? label : '').padEnd(LABEL_COLUMNS - 2)
    terminal.print(`  ${terminal.styled('dim', before)}${line}`)
  }
}
