import { formatTranscript, type MailError } from '@loudmail/core'
import { printLocation } from './print-location.ts'
import { printRow } from './print-row.ts'
import type { Terminal } from './terminal.ts'
import { whatHappened } from './what-happened.ts'

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
  const row = (label: string, text: string): void => printRow(terminal, label, text, note)
  print(styled(['red', 'bold'], `✗ ${error.code}`))
  row('what happened', whatHappened(error))
  if (error.location) printLocation(terminal, error.location, note)
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

function again({ retryable, delivered }: MailError): string {
  if (retryable) return 'another attempt may succeed'
  return delivered === 'unknown'
    ? 'another attempt could deliver it twice'
    : 'another attempt fails the same way'
}
