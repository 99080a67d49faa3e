import { visible } from '@loudmail/core/transport'
import type { Terminal } from './terminal.ts'
import { wrapText } from './wrap-text.ts'

/**
 * A text that comes from elsewhere, broken into lines of at most so many columns. A secret may have blanks in it, so that it
 * must be found before it is broken over two lines; and a server must not control the terminal.
 */
export function wrapShown(terminal: Terminal, text: string, columns: number, indent = ''): string {
  const shown = terminal.secrets.redact(text).split('\n').map(visible).join('\n')
  return wrapText(shown, columns, indent)
}
