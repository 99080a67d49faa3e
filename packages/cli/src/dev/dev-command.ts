import { InvalidArgumentError, Option, type Command } from 'commander'
import type { Terminal } from '../terminal/terminal.ts'
import { OPTION_WORDS } from '../usage/option-words.ts'
import type { DevOptions } from './dev-options.ts'
import { FRAMEWORKS } from './settings/frameworks.ts'

const EXAMPLES = `
Examples:
  $ loudmail dev
  $ loudmail dev --settings django
  $ loudmail dev --store ./mails
  $ loudmail dev --previews ./mails/previews.ts
  $ loudmail dev --rehearse auth/bad-credentials
  $ loudmail dev --forward-env REAL_MAIL_URL --forward-to me@example.com
  $ loudmail dev --host 0.0.0.0 --allow-host localhost      # in a container

A mail to fail+rcpt-to.mailbox-full@example.test fails in that way, without any option.
Ctrl-C stops it. The exit status is 130 then, and 0 after SIGTERM, as docker stop sends it.`

/** Adds `loudmail dev`. */
export function addDevCommand(program: Command, terminal: Terminal, finish: (status: number) => void): void {
  program
    .command('dev')
    .summary('catch all mail during development, and show it in an inbox')
    .description(
      'Catch all mail of a program in any language, and show it in an inbox: an SMTP server, a page and a JSON API. Nothing leaves this machine unless you ask for it.',
    )
    .optionsGroup('Where it listens:')
    .option('--smtp-port <port>', 'the port for mail; 0 takes a free one', port, 1025)
    .option('--http-port <port>', 'the port for the inbox and its JSON API; 0 takes a free one', port, 8025)
    .option('--host <address>', 'the address for both; in a container 0.0.0.0', '127.0.0.1')
    .option(
      '--allow-host <name>',
      'let other machines open the inbox under this name, as the address bar has it; repeat it for more, or * for any name',
      collect,
    )
    .optionsGroup('What it does with mail:')
    .option('--store <folder>', 'keep the mails in a folder, so that they survive a restart')
    .option('--max-messages <number>', 'keep so many mails; the oldest go first', count, 1000)
    .option('--rehearse <code>', 'let every mail fail in this way, such as rcpt-to/mailbox-full')
    .option('--forward <url>', 'also send every caught mail on through this URL')
    .option('--forward-env <name>', `the same, for a URL with a password: ${OPTION_WORDS.env}`)
    .option('--forward-to <address>', 'send it on to this address alone, whoever it was for')
    .option(
      '--previews <file>',
      'also show templates with sample data: what previews() of @loudmail/content/previews returns, exported by this file',
    )
    .optionsGroup('What it asks of programs:')
    .addOption(
      new Option('--tls <mode>', 'how connections are encrypted, with a test certificate')
        .choices(['none', 'starttls', 'implicit'])
        .default('none'),
    )
    .option(
      '--ca <file>',
      'write the authority of the test certificate to a file, for programs that check it',
    )
    .option('--auth', 'refuse mail without a log-in; any user and password will do')
    .option('--user <name>', 'refuse mail unless this user logs in')
    .option('--password-env <name>', OPTION_WORDS.passwordEnv)
    .optionsGroup('What it prints:')
    .addOption(
      new Option('--settings [framework]', 'print the settings to paste; without a name, all of them')
        .choices([...FRAMEWORKS, 'all'])
        .preset('all'),
    )
    .option(
      '--json',
      `${OPTION_WORDS.json} for each message, each on a line, and nothing else on standard output`,
    )
    .option('--quiet', 'print only what goes wrong')
    .addHelpText('after', EXAMPLES)
    .action(async (options: DevOptions) => {
      const { runDev } = await import('./run-dev.ts')
      finish(await runDev(options, terminal))
    })
}

function port(text: string): number {
  const number = Number(text)
  if (/^\d+$/.test(text) && number <= 65_535) return number
  throw new InvalidArgumentError('A port is a number from 0 to 65535.')
}

function count(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number, 1 or more.')
}

function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value]
}
