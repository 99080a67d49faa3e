import { CommanderError } from 'commander'
import { MailError } from '@loudmail/core'
import { EXIT } from './exit-status.ts'
import { programOf } from './program.ts'
import { Terminal } from './terminal/terminal.ts'
import { UsageError } from './usage-error.ts'

/**
 * Runs one command line.
 *
 * @param args without the program itself
 * @returns the exit status
 */
export async function run(args: readonly string[]): Promise<number> {
  const terminal = new Terminal()
  const onInterrupt = (): void => {
    if (terminal.interrupted.aborted) process.exit(EXIT.interrupted)
    terminal.interrupt()
  }
  process.on('SIGINT', onInterrupt)
  // Whoever reads the output may close it early, as `head` does.
  process.stdout.on('error', endQuietly)
  let status: number = EXIT.ok
  try {
    await programOf(terminal, (code) => (status = code)).parseAsync(args, { from: 'user' })
  } catch (error) {
    status = statusOf(error, terminal)
  } finally {
    process.off('SIGINT', onInterrupt)
  }
  return terminal.interrupted.aborted ? EXIT.interrupted : status
}

function endQuietly(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
  process.exit(EXIT.failed)
}

function statusOf(error: unknown, terminal: Terminal): number {
  // commander has written what is wrong, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
  if (terminal.interrupted.aborted) return EXIT.interrupted
  if (error instanceof UsageError) {
    terminal.note(`loudmail: ${error.message}`)
    return EXIT.usage
  }
  if (MailError.is(error)) {
    terminal.note(`loudmail: ${error.message}`)
    terminal.note(error.hint)
    return error.stage === 'config' ? EXIT.usage : EXIT.failed
  }
  terminal.note(error instanceof Error ? (error.stack ?? error.message) : String(error))
  return EXIT.failed
}
