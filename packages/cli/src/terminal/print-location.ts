import type { SourceLocation } from '@loudmail/core'
import { placeOf, visible } from '@loudmail/core/transport'
import { printRow } from './print-row.ts'
import type { Terminal } from './terminal.ts'

/** Prints where a failure has its source, and the lines around that place as they are: a mark stands under the column. */
export function printLocation(terminal: Terminal, location: SourceLocation, note = false): void {
  printRow(terminal, 'where', placeOf(location), note)
  if (location.excerpt === undefined) return
  for (const line of location.excerpt.split('\n')) {
    const shown = `  ${visible(line)}`
    if (note) terminal.note(shown)
    else terminal.print(shown)
  }
}
