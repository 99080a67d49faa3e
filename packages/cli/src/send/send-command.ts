import { InvalidArgumentError, Option, type Command } from 'commander'
import type { Finish } from '../exit-status.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { OPTION_WORDS } from '../usage/option-words.ts'
import type { SendOptions } from './send-options.ts'

const EXAMPLES = `
Examples:
  $ loudmail send smtp://localhost:1025 --from ann@example.com --to bob@example.com --subject Hello --text Hi
  $ loudmail send --env MAIL_URL --from ann@example.com --to bob@example.com --html-file page.html --attach report.pdf
  $ loudmail send smtps://ann%40example.com@mail.example.com message.eml --transcript
  $ cat messages.jsonl | loudmail send --env MAIL_URL - --json
  $ loudmail send smtp://localhost:2525 --from ann@example.com --to bob@example.com --repeat 10000 --rate 500

The exit status is 0 if everything was sent or --policy silences the failure, 1 if not, and 2 if the command line is wrong.`

/** Adds `loudmail send`. */
export function addSendCommand(program: Command, terminal: Terminal, finish: Finish): void {
  const command = program
    .command('send')
    .summary('send a message, or many, and say exactly what happened')
    .description(
      'Send a message, or many, and say exactly what happened. The message comes from options, from a file, or from standard input.',
    )
    .usage('[options] <url> [file]')
    .argument(
      '[url]',
      'the mail server: smtp://user@host:587, smtps://, lmtp://, failover(url url), debug:, ...',
    )
    .argument(
      '[file]',
      'an .eml file, which is sent as it is, or JSON with the fields of messages; - reads standard input',
    )
    // The error of commander would show the URL with its password.
    .allowExcessArguments()
  addMessageOptions(command)
  addServerOptions(command)
  addLoadOptions(command)
  command.addHelpText('after', EXAMPLES).action(async (_url, _file, options: SendOptions) => {
    const { runSend } = await import('./run-send.ts')
    finish(await runSend(command.args, options, terminal))
  })
}

function addMessageOptions(command: Command): void {
  command
    .optionsGroup('The message:')
    .option('--from <address>', OPTION_WORDS.from)
    .option('--to <addresses>', `${OPTION_WORDS.to}, or separate them with commas`, collect)
    .option('--cc <addresses>', 'who gets a copy that everybody sees', collect)
    .option('--bcc <addresses>', 'who gets a copy that nobody sees', collect)
    .option('--reply-to <addresses>', 'who gets the answers', collect)
    .option('--subject <text>', 'the subject')
    .option('--text <text>', 'the message as plain text')
    .option('--html <html>', 'the message as HTML')
    .option('--text-file <file>', 'read the plain text from a file; - is standard input')
    .option('--html-file <file>', 'read the HTML from a file; - is standard input')
    .option('--attach <file>', 'attach a file; repeat it for more', collect)
    .option(
      '--header <field>',
      'add a header field, such as "X-Campaign: spring"; repeat it for more',
      collect,
    )
    .addOption(
      new Option('--as <format>', 'what the file is, if its name and its content do not show it').choices([
        'eml',
        'json',
      ]),
    )
}

function addServerOptions(command: Command): void {
  command
    .optionsGroup('The server and the result:')
    .option('--env <name>', OPTION_WORDS.env)
    .option('--password-env <name>', OPTION_WORDS.passwordEnv)
    .option('--password-stdin', OPTION_WORDS.passwordStdin)
    .addOption(
      new Option('--policy <policy>', 'which failures count for the exit status; all are printed')
        .choices(['loud', 'silent', 'silence-transient', 'silence-recipients'])
        .default('loud'),
    )
    .option('--retry', 'try up to three times what failed for now and was not delivered')
    .option('--deadline <seconds>', 'the longest time for a message with all its attempts', positive)
    .option('--transcript', 'print the conversation with the server, also of a success')
    .option('--json', `${OPTION_WORDS.json} for each message, each on a line`)
}

function addLoadOptions(command: Command): void {
  command
    .optionsGroup('A load check of your own server:')
    .option('--repeat <count>', 'send the message so many times, each with its own Message-ID', whole)
    .option(
      '--rate <per-second>',
      'start so many messages a second; without it, as fast as the server takes them',
      positive,
    )
    .option('--connections <count>', 'use so many connections (default: 5)', whole)
    .option('--i-own-this-server', 'allow a load check of a server that is not on this machine')
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}

function positive(value: string): number {
  const number = Number(value)
  if (value.trim() === '' || !(number > 0) || number === Infinity)
    throw new InvalidArgumentError('It must be a number greater than 0.')
  return number
}

function whole(value: string): number {
  const number = positive(value)
  if (!Number.isSafeInteger(number)) throw new InvalidArgumentError('It must be a whole number.')
  return number
}
