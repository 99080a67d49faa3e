import type { Terminal } from '../terminal/terminal.ts'
import { entryJson } from './entry-json.ts'
import { entryHeading, entryLine } from './entry-line.ts'
import type { ListOptions } from './outbox-options.ts'
import { withOutbox } from './with-outbox.ts'

/** Prints entries, each on a line. */
export async function runList(options: ListOptions, terminal: Terminal): Promise<void> {
  const { state, newestFirst, limit = Infinity, json } = options
  await withOutbox(options, terminal, async (box) => {
    let count = 0
    for await (const entry of box.list({ state, newestFirst })) {
      if (terminal.interrupted.aborted) return
      if (count === limit) return terminal.note('There are more.')
      if (count++ === 0 && !json) printHeading(terminal)
      if (json) terminal.printJsonLine(entryJson(entry))
      else terminal.print(entryLine(entry, terminal))
    }
    if (count === 0) terminal.note(state === undefined ? 'The outbox is empty.' : `Nothing is ${state}.`)
  })
}

/** Programs that read lines get none but entries. */
function printHeading(terminal: Terminal): void {
  if (terminal.isInteractive) terminal.print(terminal.styled('bold', entryHeading))
}
