import type { Command } from 'commander'
import type { Finish } from '../exit-status.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { OPTION_WORDS } from '../usage/option-words.ts'
import type { ExplainOptions } from './run-explain.ts'

const EXAMPLES = `
Examples:
  $ loudmail explain auth/bad-credentials
  $ loudmail explain mailbox-full
  $ loudmail explain "550 5.7.60 SMTP; Client does not have permissions to send as this sender"
  $ loudmail explain --stage auth --host smtp.gmail.com "535 5.7.8 Username and Password not accepted"
  $ loudmail explain mail.log
  $ python3 send.py 2>&1 | loudmail explain -

The log is one of these: a transcript or an error of Loudmail (text or JSON), the debug output of
nodemailer, smtplib, PHPMailer, swaks or curl -v, or a session in telnet or openssl s_client.
Passwords and tokens in it are not shown. The exit status is 1 if there is nothing to explain.`

/** Adds `loudmail explain`. */
export function addExplainCommand(program: Command, terminal: Terminal, finish: Finish): void {
  program
    .command('explain')
    .summary('say what a code, a reply or a log means, and what to do')
    .description(
      'Say what a failure means and what to do: from its code, from what the server said, or from a log.',
    )
    .argument('[what...]', 'a code, a stage, a kind, what a server said, a file, or - for standard input')
    .option('--stage <stage>', 'the step at which the server said it, such as rcpt-to')
    .option('--host <name>', "the server, for its provider's own steps")
    .option('--json', OPTION_WORDS.json)
    .addHelpText('after', EXAMPLES)
    .action(async (words: string[], options: ExplainOptions) => {
      const { runExplain } = await import('./run-explain.ts')
      await runExplain(words, options, terminal, finish)
    })
}
