import { Option, type Command } from 'commander'
import type { Finish } from '../exit-status.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { OPTION_WORDS } from '../usage/option-words.ts'
import type { WorkOptions } from './outbox-options.ts'
import { addStoreOptions, wholeNumber } from './store-options.ts'

const EXAMPLES = `
Examples:
  $ loudmail outbox work --store mail.db --url smtp://localhost:1025
  $ loudmail outbox work --store mail.db --env MAIL_URL --concurrency 20

It ends with SIGTERM or Ctrl-C, once the messages in progress have come to their end. The exit status is 0
after SIGTERM, and 130 after Ctrl-C.`

/** Adds `loudmail outbox work`. */
export function addWorkCommand(outbox: Command, terminal: Terminal, finish: Finish): void {
  const command = outbox
    .command('work')
    .summary('send what is in the outbox, until it is stopped')
    .description(
      'Send what is in the outbox, until it is stopped. Any number of workers can share an outbox: those of your application and this one.',
    )
    .optionsGroup('The mail server:')
    .option('--url <url>', 'where to send: smtp://user@host:587, smtps://, lmtp://, failover(url url), ...')
    .option('--env <name>', OPTION_WORDS.env)
    .option('--password-env <name>', OPTION_WORDS.passwordEnv)
    .option('--password-stdin', OPTION_WORDS.passwordStdin)
    .optionsGroup('The work:')
    .option('--concurrency <number>', 'send so many messages at once (default: 50)', wholeNumber)
    .addOption(
      new Option('--in-doubt <rule>', 'a message whose worker died while it was sent: park it, or resend it')
        .choices(['park', 'resend'])
        .default('park'),
    )
    .option('--quiet', 'print only what goes wrong')
  addStoreOptions(command, `${OPTION_WORDS.json} for each message, each on a line`)
    .addHelpText('after', EXAMPLES)
    .action(async (options: WorkOptions) => {
      const { runWork } = await import('./run-work.ts')
      finish(await runWork(options, terminal))
    })
}
