import { EXIT } from './exit-status.ts'
import { printError } from './terminal/print-error.ts'
import type { Terminal } from './terminal/terminal.ts'

/**
 * Takes care of what reaches the process and not the command: Ctrl-C, a reader that leaves, warnings, and mistakes of our
 * own. All of it is written by the terminal, which leaves out secrets.
 *
 * @returns a function that leaves Ctrl-C to Node again
 */
export function watchProcess(terminal: Terminal): () => void {
  const onInterrupt = (): void => {
    // The terminal has written ^C into the line.
    if (process.stderr.isTTY) process.stderr.write('\n')
    if (terminal.interrupted.aborted) process.exit(EXIT.interrupted)
    terminal.interrupt()
  }
  process.on('SIGINT', onInterrupt)
  // Whoever reads the output may close it early, as `head` does.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', endQuietly)
  // Unhandled rejections come here, too.
  process.on('uncaughtException', (error) => {
    void printError(error, terminal).finally(() => process.exit(EXIT.failed))
  })
  // Without Node's own listener, warnings are switched off.
  if (process.listenerCount('warning') > 0) {
    process.removeAllListeners('warning')
    process.on('warning', (warning) => void printWarning(warning, terminal))
  }
  return () => void process.off('SIGINT', onInterrupt)
}

function endQuietly(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
  process.exit(EXIT.failed)
}

/** Which parts of Node are experimental is no concern of whoever runs a program. */
async function printWarning({ name, message }: Error, terminal: Terminal): Promise<void> {
  if (name === 'ExperimentalWarning') return
  await terminal.keepSecrets()
  terminal.note(`${terminal.styledNote('yellow', 'loudmail: warning:')} ${message}`)
}
