import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { addCompletionCommand } from './completion/completion-command.ts'
import { addDevCommand } from './dev/dev-command.ts'
import { addDoctorCommand } from './doctor/doctor-command.ts'
import type { Finish } from './exit-status.ts'
import { addExplainCommand } from './explain/explain-command.ts'
import { addOutboxCommand } from './outbox/outbox-command.ts'
import { addSendCommand } from './send/send-command.ts'
import type { Terminal } from './terminal/terminal.ts'
import { configureUsage } from './usage/configure-usage.ts'

/** Adds a command to the program. What it needs is loaded only when it runs. */
export type AddCommand = (program: Command, terminal: Terminal, finish: Finish) => void

const COMMANDS: readonly AddCommand[] = [
  addDoctorCommand,
  addSendCommand,
  addDevCommand,
  addExplainCommand,
  addOutboxCommand,
  addCompletionCommand,
]

const EXAMPLES = `
Examples:
  $ loudmail doctor --env MAIL_URL
  $ loudmail dev
  $ loudmail explain mailbox-full`

/** The commands and their options. */
export function programOf(terminal: Terminal, finish: Finish, commands = COMMANDS): Command {
  const program = new Command('loudmail')
    .description('Find out why mail fails, send it, explain failures, and catch mail during development.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'show the help of a command')
    .addHelpText('after', EXAMPLES)
    .exitOverride()
    .hook('preAction', async () => void (await terminal.keepSecrets()))
  for (const add of commands) add(program, terminal, finish)
  configureUsage(program, terminal)
  return program
}

function version(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}
