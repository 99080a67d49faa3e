import { formatWithOptions } from 'node:util'
import type { Terminal } from '../terminal/terminal.ts'

/**
 * What the application's own code prints goes to standard error, without secrets: the result stays alone in the output.
 *
 * @returns prints what waits. Call it once the secrets are known: a file may print its password while it is loaded
 */
export function quietConsole(terminal: Terminal): () => void {
  let waiting: string[] | undefined = []
  for (const name of ['log', 'info', 'debug', 'warn', 'error', 'dir', 'trace'] as const)
    console[name] = (...values: unknown[]) => {
      const text = formatWithOptions({ colors: false }, ...values)
      if (waiting) waiting.push(text)
      else terminal.note(text)
    }
  return () => {
    const texts = waiting ?? []
    waiting = undefined
    for (const text of texts) terminal.note(text)
  }
}

/** Ends the program after so many ms, if something still keeps it alive then. */
export function endWithin(ms: number): void {
  setTimeout(() => process.exit(), ms).unref()
}
