import type { Terminal } from '../terminal/terminal.ts'
import { entryDetails } from './entry-json.ts'
import { findEntries } from './find-entries.ts'
import type { ShowOptions } from './outbox-options.ts'
import { printContent } from './print-content.ts'
import { printEntry } from './print-entry.ts'
import { readContent } from './read-content.ts'
import { withOutbox } from './with-outbox.ts'

/** Prints all that is known about an entry. */
export async function runShow(id: string, options: ShowOptions, terminal: Terminal): Promise<void> {
  await withOutbox(options, terminal, async (box) => {
    const [entry] = await findEntries(box, [id])
    const content = options.message ? await readContent(box, entry!.id) : undefined
    if (options.json) {
      // `null` tells that it was looked for.
      const message = options.message ? (content ?? null) : undefined
      terminal.printJsonLine({ ...entryDetails(entry!), message })
    } else {
      printEntry(terminal, entry!)
      if (content) printContent(terminal, content)
    }
    if (options.message && !content)
      terminal.note('The message is not kept any more: the entry was sent or given up.')
  })
}
