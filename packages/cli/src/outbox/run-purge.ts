import type { Outbox } from '@loudmail/outbox'
import { EXIT } from '../exit-status.ts'
import { askYes } from '../terminal/ask-yes.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { UsageError } from '../usage-error.ts'
import { inNumber } from './in-number.ts'
import type { PurgeOptions } from './outbox-options.ts'
import { timeInWords } from './time-in-words.ts'
import { withOutbox } from './with-outbox.ts'

const STATES = ['sent', 'discarded', 'dead'] as const

/**
 * Removes old entries.
 *
 * @returns the exit status
 */
export async function runPurge(options: PurgeOptions, terminal: Terminal): Promise<number> {
  const { olderThan, yes, json } = options
  const states = STATES.filter((state) => options[state])
  if (states.length === 0) throw new UsageError('give at least one of --sent, --discarded and --dead')
  if (olderThan === undefined) throw new UsageError('--older-than is missing: give a time such as 30d')
  const before = new Date(Date.now() - olderThan)
  return withOutbox(options, terminal, async (box) => {
    if (!yes) {
      const found = await Promise.all(states.map((state) => count(box, state, before)))
      const question = `Remove ${inWords(states, found)} that changed last before ${timeInWords(before)}?`
      if (!(await askYes(terminal, question))) {
        terminal.note('Nothing was removed.')
        return EXIT.failed
      }
    }
    const removed: number[] = []
    for (const state of states) removed.push(await box.purge({ states: [state], before }))
    if (json)
      terminal.printJsonLine(Object.fromEntries(states.map((state, index) => [state, removed[index]])))
    else terminal.print(`Removed ${inWords(states, removed)}.`)
    return EXIT.ok
  })
}

async function count(box: Outbox, state: (typeof STATES)[number], before: Date): Promise<number> {
  let found = 0
  for await (const { updatedAt } of box.list({ state })) if (updatedAt < before) found++
  return found
}

function inWords(states: readonly string[], counts: readonly number[]): string {
  return states.map((state, index) => inNumber(counts[index]!, state)).join(' and ')
}
