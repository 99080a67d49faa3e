import { formatTranscript, type MailError } from '@loudmail/core'
import type { Terminal } from './terminal.ts'
import { wrapText } from './wrap-text.ts'

/** Prints a failure as a person reads it: what happened, what the server said, who has the message, and what to do. */
export function printFailure(
  terminal: Terminal,
  error: MailError,
  { transcript = false }: { readonly transcript?: boolean } = {},
): void {
  terminal.print(terminal.styled(['red', 'bold'], `✗ ${error.code}`))
  row(terminal, 'what happened', error.summary)
  if (error.reply) {
    const { code, enhanced, text } = error.reply
    row(terminal, 'the server said', [code, enhanced, text].filter(Boolean).join(' '))
  }
  row(terminal, 'delivered', error.delivered)
  for (const { address, status } of error.recipients) row(terminal, '', `${address}: ${status}`)
  row(
    terminal,
    'again',
    error.retryable ? 'another attempt may succeed' : 'another attempt fails the same way',
  )
  row(terminal, 'what to do', error.hint)
  if (transcript && error.transcript) {
    terminal.print()
    terminal.print(terminal.styled('dim', formatTranscript(error.transcript)))
  }
}

const LABEL_COLUMNS = 18

function row(terminal: Terminal, label: string, text: string): void {
  const lines = wrapText(text, terminal.columns - LABEL_COLUMNS).split('\n')
  for (const [index, line] of lines.entries()) {
    const before = (index === 0 ? label : '').padEnd(LABEL_COLUMNS - 2)
    terminal.print(`  ${terminal.styled('dim', before)}${line}`)
  }
}
