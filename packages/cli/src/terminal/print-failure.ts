import { formatTranscript, type MailError } from '@loudmail/core'
import { visible } from '@loudmail/core/transport'
import type { Terminal } from './terminal.ts'
import { whatHappened } from './what-happened.ts'
import { wrapText } from './wrap-text.ts'

/** How to print a failure. */
export interface PrintFailureOptions {
  /** With the conversation, if there was one. @default false */
  readonly transcript?: boolean
  /** With who has the message. Where none was sent, that says nothing. @default true */
  readonly delivery?: boolean
  /** To standard error: the failure is not the result. @default false */
  readonly note?: boolean
}

/** Prints a failure as a person reads it: what happened, what the server said, who has the message, and what to do. */
export function printFailure(
  terminal: Terminal,
  error: MailError,
  { transcript = false, delivery = true, note = false }: PrintFailureOptions = {},
): void {
  const print = (line = ''): void => (note ? terminal.note(line) : terminal.print(line))
  const styled: Terminal['styled'] = (style, text) =>
    note ? terminal.styledNote(style, text) : terminal.styled(style, text)
  const row = (label: string, text: string): void => {
    // A secret may have blanks in it, and must be found before it is broken over two lines. A server must not control the terminal.
    const shown = terminal.secrets.redact(text).split('\n').map(visible).join('\n')
    const lines = wrapText(shown, terminal.columns - LABEL_COLUMNS).split('\n')
    for (const [index, line] of lines.entries()) {
      const before = (index === 0 ? label : '').padEnd(LABEL_COLUMNS - 2)
      print(`  ${styled('dim', before)}${line}`)
    }
  }
  print(styled(['red', 'bold'], `✗ ${error.code}`))
  row('what happened', whatHappened(error))
  if (error.reply) {
    const { code, enhanced, text } = error.reply
    row('the server said', [code, enhanced, text].filter(Boolean).join(' '))
  }
  if (delivery) {
    row('delivered', error.delivered)
    for (const { address, status } of error.recipients) row('', `${address}: ${status}`)
  }
  row('again', again(error))
  row('what to do', error.hint)
  if (transcript && error.transcript) {
    print()
    print(styled('dim', formatTranscript(error.transcript)))
  }
}

const LABEL_COLUMNS = 18

function again({ retryable, delivered }: MailError): string {
  if (retryable) return 'another attempt may succeed'
  return delivered === 'unknown'
    ? 'another attempt could deliver it twice'
    : 'another attempt fails the same way'
}
