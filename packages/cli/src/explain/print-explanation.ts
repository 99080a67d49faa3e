import type { MailError, Reply } from '@loudmail/core'
import { printLocation } from '../terminal/print-location.ts'
import { printRow } from '../terminal/print-row.ts'
import type { Terminal } from '../terminal/terminal.ts'
import type { Explanation } from './explanation.ts'
import type { NameExplanation } from './explain-name.ts'
import { printConversation } from './print-conversation.ts'

const DOCS = 'https://github.com/loudmail/loudmail/blob/main/docs/failures.md'

const SCOPES: Readonly<Record<MailError['scope'], string>> = {
  transport:
    'the way out: the server, the account or the connection (transport). Another server may take the message',
  sender: 'the sender of this message (sender)',
  recipient: 'this recipient (recipient). Other recipients may get the message',
  message: 'this message (message). Other messages may go through',
}

/** Prints an explanation as a person reads it. */
export function printExplanation(terminal: Terminal, explanation: Explanation): void {
  const { failure, summary, reply, otherwise = [], unsure, notes = [], lines, format } = explanation
  if (lines) {
    printConversation(terminal, lines, explanation.marked ?? [])
    terminal.print()
  }
  if (failure) printFailed(terminal, failure, explanation.isGeneral === true)
  else {
    terminal.print(terminal.styled(['green', 'bold'], `✓ ${summary ?? ''}`))
    if (reply) printRow(terminal, 'the server said', replyText(reply))
  }
  for (const { stages, failure: other } of otherwise) {
    terminal.print()
    terminal.print(`At ${stages.join(', ')} it means ${terminal.styled('bold', other.kind)}:`)
    printRow(terminal, 'what happened', other.summary)
    printRow(terminal, 'what to do', other.hint)
  }
  if (format) printRow(terminal, 'read as', format)
  for (const note of notes) printRow(terminal, 'also', note)
  for (const doubt of unsure) printRow(terminal, 'not sure', doubt)
  if (failure) printRow(terminal, 'more', `${DOCS}#kinds`)
}

/** Prints a stage or a kind with its failures. */
export function printName(terminal: Terminal, { title, summary, failures }: NameExplanation): void {
  terminal.print(`${terminal.styled('bold', title)}: ${summary}`)
  for (const same of Object.values(Object.groupBy(failures, ({ summary: what, hint }) => what + hint))) {
    const [first] = same!
    terminal.print()
    for (const { code } of same!) terminal.print(terminal.styled('bold', code))
    printRow(terminal, 'what happened', first!.summary)
    printRow(terminal, 'what to do', first!.hint)
  }
  terminal.print()
  printRow(terminal, 'more', `${DOCS}#kinds`)
}

function printFailed(terminal: Terminal, failure: MailError, isGeneral: boolean): void {
  terminal.print(terminal.styled(['red', 'bold'], `✗ ${failure.code}`))
  printRow(terminal, 'what happened', failure.summary)
  if (failure.location) printLocation(terminal, failure.location)
  if (failure.reply) printRow(terminal, 'the server said', replyText(failure.reply))
  printRow(terminal, 'what to do', failure.hint)
  printRow(terminal, 'again', again(failure))
  printRow(terminal, 'whose fault', SCOPES[failure.scope])
  if (isGeneral) return
  printRow(terminal, 'delivered', failure.delivered)
  for (const { address, status, kind } of failure.recipients)
    printRow(terminal, '', `${address}: ${status}${kind && status === 'rejected' ? ` (${kind})` : ''}`)
}

function again({ permanence }: MailError): string {
  if (permanence === 'unknown') return 'look first whether it arrived: another attempt may deliver it twice'
  return permanence === 'transient'
    ? 'another attempt may succeed (transient)'
    : 'another attempt fails the same way, until somebody changes something (permanent)'
}

function replyText({ code, enhanced, text }: Reply): string {
  return [code, enhanced, text].filter(Boolean).join(' ')
}
