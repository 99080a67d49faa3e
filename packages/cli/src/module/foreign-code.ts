import { formatWithOptions } from 'node:util'
import { EXIT } from '../exit-status.ts'
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

/**
 * Says so if the application's own file ends the program while it is loaded, or waits for what never comes. Ctrl-C ends it
 * at once: nothing else can stop such a file.
 *
 * @returns to be called when the file is loaded
 */
export function watchLoading(terminal: Terminal, file: string): () => void {
  const onInterrupt = (): void => process.exit(EXIT.interrupted)
  const onExit = (): void => {
    if (terminal.interrupted.aborted) return
    terminal.note(`loudmail: ${file} ended the program while it was loaded (process.exit)`)
    process.exitCode = EXIT.failed
  }
  const onIdle = (): void => {
    process.off('exit', onExit)
    terminal.note(`loudmail: ${file} is never loaded to its end: it waits for something that never happens`)
    process.exit(EXIT.failed)
  }
  terminal.interrupted.addEventListener('abort', onInterrupt)
  process.once('exit', onExit).once('beforeExit', onIdle)
  return () => {
    terminal.interrupted.removeEventListener('abort', onInterrupt)
    process.off('exit', onExit).off('beforeExit', onIdle)
  }
}

/** Ends the program after so many ms, if something still keeps it alive then. */
export function endWithin(ms: number): void {
  setTimeout(() => process.exit(), ms).unref()
}
