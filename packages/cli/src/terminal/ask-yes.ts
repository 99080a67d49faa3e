import { createInterface } from 'node:readline/promises'
import { UsageError } from '../usage-error.ts'
import type { Terminal } from './terminal.ts'

/**
 * Asks whether to do something. Everything but `y` and `yes` means no, also Ctrl-C and Ctrl-D.
 *
 * @param question such as `Remove 12 entries?`
 * @throws UsageError without a terminal to ask on
 */
export async function askYes(terminal: Terminal, question: string): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY)
    throw new UsageError(`${question} There is no terminal to ask on: add --yes`)
  const reader = createInterface({ input: process.stdin, output: process.stderr })
  reader.on('SIGINT', () => terminal.interrupt())
  const closed = new Promise<string>((resolve) => reader.once('close', () => resolve('')))
  const answered = reader.question(`${question} [y/N] `, { signal: terminal.interrupted }).catch(() => '')
  try {
    return /^y(?:es)?$/i.test((await Promise.race([answered, closed])).trim())
  } finally {
    reader.close()
  }
}
