import { Option, type Command } from 'commander'
import type { Finish } from '../exit-status.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { OPTION_WORDS } from '../usage/option-words.ts'
import { addChangeCommands } from './change-commands.ts'
import type { CountsOptions, ListOptions, ShowOptions } from './outbox-options.ts'
import { addStoreOptions, JSON_LINES, wholeNumber } from './store-options.ts'
import { addWorkCommand } from './work-command.ts'

/** Also in the outbox package, which is not loaded for `--help`. A test compares them. */
const STATES = ['waiting', 'scheduled', 'in-flight', 'in-doubt', 'dead', 'sent', 'discarded']

const EXAMPLES = `
Examples:
  $ loudmail outbox --store mail.db
  $ loudmail outbox list --state in-doubt --store mail.db
  $ loudmail outbox show 019aa4c2 --store mail.db
  $ loudmail outbox resolve 019aa4c2 --delivered --store mail.db
  $ loudmail outbox retry --all --state dead --store-env OUTBOX_URL
  $ loudmail outbox purge --sent --older-than 30d --store mail.db
  $ loudmail outbox work --store mail.db --env MAIL_URL

Without --store, the variable LOUDMAIL_OUTBOX says where the outbox is. An entry is named by its id, by a
beginning of it that no other entry has, or by the Message-ID. The exit status is 1 if something was not
possible, and 2 if the command line is wrong.`

/** Adds `loudmail outbox` and the commands below it. */
export function addOutboxCommand(program: Command, terminal: Terminal, finish: Finish): void {
  const outbox = program
    .command('outbox')
    .summary('look after the mail that waits in an outbox, and send it')
    .description(
      'Look after an outbox: see what waits, what failed and what is in doubt, send it again, settle it, or give it up. Without a command, print how much there is in each state.',
    )
    .addHelpText('after', EXAMPLES)
  addCounts(outbox, terminal)
  addList(outbox, terminal)
  addShow(outbox, terminal)
  addChangeCommands(outbox, terminal, finish)
  addWorkCommand(outbox, terminal, finish)
}

function addCounts(outbox: Command, terminal: Terminal): void {
  const command = outbox
    .command('counts', { isDefault: true })
    .summary('print how much there is in each state')
    .description('Print how many entries there are in each state, and how long the oldest one waits.')
    // The error of commander would not say which command was meant.
    .allowExcessArguments()
  addStoreOptions(command, OPTION_WORDS.json)
    .addHelpText(
      'after',
      '\nExamples:\n  $ loudmail outbox counts --store mail.db\n  $ loudmail outbox --json',
    )
    .action(async (options: CountsOptions) => {
      const { runCounts } = await import('./run-counts.ts')
      const commands = outbox.commands.map((each) => each.name())
      await runCounts(command.args, commands, options, terminal)
    })
}

function addList(outbox: Command, terminal: Terminal): void {
  const command = outbox
    .command('list')
    .summary('list entries')
    .description('List entries, the oldest first.')
    .optionsGroup('Which entries:')
    .addOption(new Option('--state <state>', 'only those in this state').choices(STATES))
    .option('--limit <number>', 'at most so many', wholeNumber)
    .option('--newest-first', 'the newest first')
  addStoreOptions(command, JSON_LINES)
    .addHelpText(
      'after',
      '\nExamples:\n  $ loudmail outbox list --store mail.db\n  $ loudmail outbox list --state dead --limit 20 --newest-first',
    )
    .action(async (options: ListOptions) => {
      const { runList } = await import('./run-list.ts')
      await runList(options, terminal)
    })
}

function addShow(outbox: Command, terminal: Terminal): void {
  const command = outbox
    .command('show')
    .summary('print all that is known about an entry')
    .description(
      'Print all that is known about an entry: its recipients, when it is sent, and every failure with its conversation and what to do.',
    )
    .argument('<id>', 'its id, the beginning of it, or the Message-ID')
    .option('--message', 'also print the text of the message, and what is attached')
  addStoreOptions(command, OPTION_WORDS.json)
    .addHelpText(
      'after',
      '\nExamples:\n  $ loudmail outbox show 019aa4c2 --store mail.db\n  $ loudmail outbox show 019aa4c2 --message --json',
    )
    .action(async (id: string, options: ShowOptions) => {
      const { runShow } = await import('./run-show.ts')
      await runShow(id, options, terminal)
    })
}
