import type { OutboxEntry } from '@loudmail/outbox'
import { printFailure } from '../terminal/print-failure.ts'
import { printRow } from '../terminal/print-row.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { timeInWords } from './time-in-words.ts'

/** Prints an entry as a person reads it, with every failure that is known and what to do. */
export function printEntry(terminal: Terminal, entry: OutboxEntry): void {
  const { id, state, from, to, recipients, failures, attempts } = entry
  const isOpen = state === 'waiting' || state === 'scheduled' || state === 'in-flight'
  const row = (label: string, text: string | number | undefined): void => {
    if (text !== undefined) printRow(terminal, label, String(text))
  }
  terminal.print(terminal.styled('bold', id))
  row('state', state)
  row('from', from || '<>')
  for (const [index, address] of to.entries()) {
    const outcome = recipients.find((recipient) => recipient.address === address)
    const reason = outcome?.kind && outcome.status !== 'accepted' ? ` (${outcome.kind})` : ''
    row(index === 0 ? 'to' : '', `${address}: ${outcome?.status ?? 'not tried yet'}${reason}`)
  }
  row('subject', entry.subject)
  row('Message-ID', entry.messageId)
  row('key', entry.idempotencyKey)
  row('priority', entry.priority === 0 ? undefined : entry.priority)
  row('added', when(entry.createdAt))
  row('changed', when(entry.updatedAt))
  if (isOpen) row('due', when(entry.dueAt))
  if (isOpen) row('given up', when(entry.giveUpAt))
  row('attempts', attempts)
  row('the server said', entry.response)
  for (const [index, failure] of failures.entries()) {
    terminal.print()
    terminal.print(terminal.styled('bold', `Failure ${index + 1} of ${failures.length}`))
    printFailure(terminal, failure, { transcript: true })
  }
}

function when(time: Date): string {
  return `${time.toISOString().replace(/\.\d+Z$/, 'Z')} (${timeInWords(time)})`
}
