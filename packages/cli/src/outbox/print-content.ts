import { visible } from '@loudmail/core/transport'
import type { Terminal } from '../terminal/terminal.ts'
import type { ReadContent } from './read-content.ts'

/** Prints what is in a message, line by line as it is. */
export function printContent(
  terminal: Terminal,
  { text, html, attachments = [], source }: ReadContent,
): void {
  const parts = [
    ['Text', text],
    ['HTML', html],
    ['Attachments', attachments.join('\n') || undefined],
    ['The whole message', source],
  ] as const
  for (const [heading, content] of parts) {
    if (content === undefined) continue
    terminal.print()
    terminal.print(terminal.styled('bold', heading))
    for (const line of content.trimEnd().split(/\r?\n/))
      terminal.print(visible(terminal.secrets.redact(line)))
  }
}
