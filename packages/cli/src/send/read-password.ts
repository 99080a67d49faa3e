import { askSecret } from '../terminal/ask-secret.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { UsageError } from '../usage-error.ts'
import { readTextInput, STANDARD_INPUT } from './read-input.ts'
import type { SendOptions } from './send-options.ts'
import { lacksPassword } from './server-urls.ts'
import { variable } from '../environment/variable.ts'

/** The password for a URL that names a user without one. */
export type PasswordOf = (url: URL) => string

/**
 * Gets the passwords that the URLs do not have: from a variable, from standard input, or by asking.
 *
 * @throws UsageError if one is missing and there is nobody to ask
 */
export async function readPasswords(
  urls: readonly URL[],
  options: Pick<SendOptions, 'passwordEnv' | 'passwordStdin'>,
  terminal: Terminal,
): Promise<PasswordOf> {
  const lacking = urls.filter(lacksPassword)
  const given = await givenPassword(options, terminal.interrupted)
  if (given !== undefined) {
    terminal.secrets.add(given)
    if (lacking.length === 0)
      throw new UsageError(
        'a password is given, but the URL has no user without a password: expected a URL such as smtp://user@mail.example.com',
      )
    return () => given
  }
  const asked = new Map<string, string>()
  for (const url of lacking)
    if (!asked.has(accountOf(url))) asked.set(accountOf(url), await ask(terminal, accountOf(url)))
  return (url) => asked.get(accountOf(url)) ?? ''
}

async function givenPassword(
  { passwordEnv, passwordStdin }: Pick<SendOptions, 'passwordEnv' | 'passwordStdin'>,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (passwordEnv !== undefined && passwordStdin)
    throw new UsageError('--password-env and --password-stdin cannot be used together')
  if (passwordEnv !== undefined) return present(variable(passwordEnv, '--password-env'), '--password-env')
  if (!passwordStdin) return undefined
  // `echo` and most files end with a line end, which belongs to no password.
  return present((await readTextInput(STANDARD_INPUT, signal)).replace(/\r?\n$/, ''), '--password-stdin')
}

function present(password: string, option: string): string {
  if (password === '') throw new UsageError(`the password from ${option} is empty`)
  return password
}

async function ask(terminal: Terminal, account: string): Promise<string> {
  if (!process.stdin.isTTY)
    throw new UsageError(
      `the password of ${account} is missing, and there is no terminal to ask for it: use --password-env or --password-stdin`,
    )
  return present(await askSecret(terminal, `Password of ${account}: `), 'the prompt')
}

function accountOf(url: URL): string {
  return `${decodeURIComponent(url.username)} at ${url.host}`
}
