import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import type { Finish } from './exit-status.ts'
import { addSendCommand } from './send/send-command.ts'
import type { Terminal } from './terminal/terminal.ts'

/** Adds a command to the program. What it needs is loaded only when it runs. */
type AddCommand = (program: Command, terminal: Terminal, finish: Finish) => void

const COMMANDS: readonly AddCommand[] = [addSendCommand]

/** The commands and their options. */
export function programOf(terminal: Terminal, finish: Finish): Command {
  const program = new Command('loudmail')
    .description('Finds out why mail fails, sends, explains failures, and catches mail during development.')
    .version(version())
    .showHelpAfterError('Add --help for the options and examples.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.print(text.trimEnd()),
      writeErr: (text) => terminal.note(text.trimEnd()),
    })
  for (const add of COMMANDS) add(program, terminal, finish)
  return program
}

function version(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}
