import { UsageError } from '../usage-error.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { urlSecrets } from '../terminal/url-secrets.ts'
import type { SendOptions } from './send-options.ts'
import { serverUrls } from './server-urls.ts'
import { variable } from '../environment/variable.ts'

/** Where to send, and what is left of the arguments. */
export interface ReadUrl {
  /** The transport URL as it was written. */
  readonly text: string
  /** The URLs in it. */
  readonly urls: readonly URL[]
  /** The file that the message comes from. */
  readonly file: string | undefined
}

/**
 * Takes the URL from the arguments or from the variable of `--env`. Its passwords are secrets from then on.
 *
 * @throws UsageError, or MailError `config/invalid-config` that does not repeat the URL
 */
export function readUrl(
  args: readonly string[],
  { env }: Pick<SendOptions, 'env'>,
  terminal: Terminal,
): ReadUrl {
  const [text, file, ...others] = env === undefined ? args : [variable(env, '--env'), ...args]
  if (text === undefined)
    throw new UsageError(
      'the URL of the mail server is missing: write it first, as in `loudmail send smtp://localhost:1025`, or name a variable that holds it with --env',
    )
  if (others.length > 0)
    throw new UsageError(
      env === undefined
        ? 'there are too many arguments: expected a URL and at most one file'
        : 'there are too many arguments: with --env, expected at most one file and no URL',
    )
  const passwords = [...urlSecrets(text)].filter((secret) => secret !== '')
  for (const password of passwords) terminal.secrets.add(password)
  const urls = serverUrls(text)
  if (env === undefined && passwords.length > 0)
    terminal.note(
      'Note: the password is on the command line. The history of your shell keeps it, and other users of this machine can see it. Put the URL into a variable and name that with --env, or leave the password out to be asked for it.',
    )
  return { text, urls, file }
}
