import { nearestName } from '@loudmail/core/transport'
import { ENTRY_STATES, type OutboxCounts } from '@loudmail/outbox'
import { printRow } from '../terminal/print-row.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { UsageError } from '../usage-error.ts'
import type { CountsOptions } from './outbox-options.ts'
import { durationInWords } from './time-in-words.ts'
import { withOutbox } from './with-outbox.ts'

/**
 * Prints how many entries there are in each state.
 *
 * @param args what stands where no argument is expected: a command that does not exist
 * @param commands those that do
 */
export async function runCounts(
  args: readonly string[],
  commands: readonly string[],
  options: CountsOptions,
  terminal: Terminal,
): Promise<void> {
  if (args.length > 0) throw unknownCommand(args[0]!, commands)
  const counts = await withOutbox(options, terminal, (box) => box.counts())
  if (options.json) terminal.printJsonLine(counts)
  else printCounts(terminal, counts)
}

function printCounts(terminal: Terminal, counts: OutboxCounts): void {
  const columns = Math.max(...ENTRY_STATES.map((state) => inDigits(counts[state]).length))
  for (const state of ENTRY_STATES) {
    const number = inDigits(counts[state]).padStart(columns)
    const isWaiting = state === 'waiting' && counts.waiting > 0
    const age = isWaiting ? `   the oldest for ${durationInWords(counts.oldestWaitingMs)}` : ''
    printRow(terminal, state, number + age)
  }
  for (const [state, what] of [
    ['in-doubt', 'Find out whether those in doubt arrived, and settle them with loudmail outbox resolve.'],
    ['dead', 'What is dead is not sent again by itself: see loudmail outbox list --state dead.'],
  ] as const)
    if (counts[state] > 0) terminal.note(terminal.styledNote('yellow', what))
}

function inDigits(number: number): string {
  return number.toLocaleString('en-GB')
}

function unknownCommand(name: string, commands: readonly string[]): UsageError {
  if (commands.includes(name))
    return new UsageError(`options come after the command: loudmail outbox ${name} --store ...`)
  const near = nearestName(name, commands)
  const meant = near === undefined ? '' : `. Did you mean ${near}?`
  return new UsageError(`unknown command '${name}'${meant}`, 'loudmail outbox')
}
