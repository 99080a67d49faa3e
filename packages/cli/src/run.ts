import { CommanderError } from 'commander'
import { EXIT } from './exit-status.ts'
import { programOf, type AddCommand } from './program.ts'
import { printError } from './terminal/print-error.ts'
import { Terminal } from './terminal/terminal.ts'
import { watchProcess } from './watch-process.ts'

/**
 * Runs one command line.
 *
 * @param args without the program itself
 * @param commands others than those of the program
 * @returns the exit status
 */
export async function run(args: readonly string[], commands?: readonly AddCommand[]): Promise<number> {
  const terminal = new Terminal(args)
  const stopWatching = watchProcess(terminal)
  let status: number = EXIT.ok
  try {
    const program = programOf(terminal, (code) => (status = code), commands)
    await program.parseAsync(args, { from: 'user' })
  } catch (error) {
    // commander has written the help that was asked for, or that of the program if there is no command.
    if (error instanceof CommanderError) status = error.exitCode === 0 ? EXIT.ok : EXIT.usage
    else if (!terminal.interrupted.aborted) status = await printError(error, terminal)
  } finally {
    stopWatching()
  }
  return terminal.interrupted.aborted ? EXIT.interrupted : status
}
