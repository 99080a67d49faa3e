import { InvalidArgumentError, Option, type Command } from 'commander'
import type { Finish } from '../exit-status.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { OPTION_WORDS } from '../usage/option-words.ts'
import type { ChangeOptions, PurgeOptions } from './outbox-options.ts'
import type { Change } from './run-change.ts'
import { addStoreOptions, JSON_LINES } from './store-options.ts'

const YES = 'do not ask whether to do it; needed where there is no terminal'

/** Adds the commands that change entries: `retry`, `resolve`, `discard` and `purge`. */
export function addChangeCommands(outbox: Command, terminal: Terminal, finish: Finish): void {
  const change = (name: Change, command: Command, examples: readonly string[]): void => {
    addStoreOptions(command, JSON_LINES)
      .addHelpText(
        'after',
        `\nExamples:\n${examples.map((each) => `  $ loudmail outbox ${each}`).join('\n')}`,
      )
      .action(async (ids: readonly string[], options: ChangeOptions) => {
        const { runChange } = await import('./run-change.ts')
        finish(await runChange(name, ids, options, terminal))
      })
  }
  change(
    'retry',
    outbox
      .command('retry')
      .summary('send entries again that are dead, or now those that wait for later')
      .description(
        'Send entries again that are dead, to those who did not get the message. An entry that waits for its time or for its next attempt is sent now.',
      )
      .argument('[id...]', 'ids, beginnings of them, or Message-IDs')
      .option('--all', 'all entries in the state of --state')
      .addOption(new Option('--state <state>', 'which ones with --all').choices(['dead', 'scheduled']))
      .option('--yes', YES),
    ['retry 019aa4c2 --store mail.db', 'retry --all --state dead --yes'],
  )
  change(
    'resolve',
    outbox
      .command('resolve')
      .summary('settle entries that are in doubt')
      .description(
        'Settle entries that are in doubt, once you know whether the message arrived: look for its Message-ID in the log of the mail server.',
      )
      .argument('<id...>', 'ids, beginnings of them, or Message-IDs')
      .option('--delivered', 'it arrived: do not send it again')
      .option('--not-delivered', 'it did not arrive: send it again, with the same Message-ID'),
    ['resolve 019aa4c2 --delivered --store mail.db', 'resolve "<id@sender.example>" --not-delivered'],
  )
  change(
    'discard',
    outbox
      .command('discard')
      .summary('give entries up')
      .description(
        'Give entries up that are dead, in doubt, or still to be sent: nobody sends them any more.',
      )
      .argument('<id...>', 'ids, beginnings of them, or Message-IDs'),
    ['discard 019aa4c2 019aa4d7 --store mail.db'],
  )
  addPurge(outbox, terminal, finish)
}

function addPurge(outbox: Command, terminal: Terminal, finish: Finish): void {
  const command = outbox
    .command('purge')
    .summary('remove old entries that nobody needs any more')
    .description('Remove entries that nobody needs any more, with their messages.')
    .option('--sent', 'those that were sent')
    .option('--discarded', 'those that were given up')
    .option('--dead', 'those that failed for good: their messages are lost')
    .option('--older-than <time>', 'whose state changed last before that: 30d, 12h, 90m', time)
    .option('--yes', YES)
  addStoreOptions(command, OPTION_WORDS.json)
    .addHelpText(
      'after',
      '\nExamples:\n  $ loudmail outbox purge --sent --older-than 30d --store mail.db\n  $ loudmail outbox purge --sent --discarded --older-than 12h --yes',
    )
    .action(async (options: PurgeOptions) => {
      const { runPurge } = await import('./run-purge.ts')
      finish(await runPurge(options, terminal))
    })
}

const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

function time(text: string): number {
  const found = /^(\d{1,6})([smhd])$/.exec(text)
  if (!found) throw new InvalidArgumentError('It must be a number with d, h, m or s behind it, such as 30d.')
  return Number(found[1]) * UNITS_MS[found[2]!]!
}
