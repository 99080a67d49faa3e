import { addAbortSignal } from 'node:stream'
import { text } from 'node:stream/consumers'
import { smtp, type SmtpAuth } from '@loudmail/smtp'
import { asSentence } from '../../terminal/as-sentence.ts'
import { askSecret } from '../../terminal/ask-secret.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import { UsageError } from '../../usage-error.ts'
import { configStep } from './config-step.ts'
import { learnSecrets } from '../../module/learn-secrets.ts'
import type { Reading } from './reading.ts'
import { refusalOf } from './refusal-of.ts'
import { repairOptions } from './repair-options.ts'
import type { Source } from './source.ts'
import { summaryOf } from './summary-of.ts'
import type { Variables } from '../../environment/variables.ts'

/**
 * Fills in who logs in: the user and the password that the options of the command line give, or that a person types.
 *
 * @throws UsageError if a password is given, and nobody to log in; or for a variable that is not set
 */
export async function withCredentials<Read extends Reading>(
  terminal: Terminal,
  reading: Read,
  source: Source,
  variables: Variables,
): Promise<Read> {
  const { options, failure } = reading
  if (!options) return reading
  const isMissing = failure?.code === 'config/missing-credentials'
  if (!source.logIn) {
    const { auth: _, ...others } = options
    return { ...reading, options: others, failure: isMissing ? undefined : failure }
  }
  const user = source.user ?? options.auth?.user
  const isGiven = source.passwordEnv !== undefined || source.passwordStdin
  if (user === undefined || user === '') {
    if (isGiven) throw new UsageError('a password needs a user name: add --user, or put it into the URL')
    return reading
  }
  const own = options.auth && 'accessToken' in options.auth ? undefined : options.auth?.pass
  if (!isGiven && source.user === undefined && !(isMissing && source.url !== undefined)) return reading
  if (!isGiven && own === undefined && options.auth)
    return { ...reading, options: { ...options, auth: { ...options.auth, user } } }
  const pass = isGiven
    ? await givenPassword(terminal, source, variables, user)
    : own || (await typedPassword(terminal, user))
  terminal.secrets.add(pass)
  const { auth } = options
  const method = auth && 'pass' in auth ? auth.method : undefined
  const completed = { ...options, auth: { user, pass, ...(method && { method }) } satisfies SmtpAuth }
  const left = refusalOf(() => smtp(completed)) ?? (isMissing ? undefined : failure)
  // A step said that the password is missing.
  const found = configStep('pass', 'URL', summaryOf(completed))
  const steps = reading.steps.map((step) =>
    isMissing && step.detail === asSentence(failure.summary) ? { ...found, name: step.name } : step,
  )
  const isNew = left !== undefined && left !== failure
  const repaired = isNew ? repairOptions(completed) : undefined
  if (repaired) learnSecrets(terminal.secrets, repaired.options)
  return {
    ...reading,
    options: repaired?.options ?? completed,
    failure: left,
    changes: [...reading.changes, ...(repaired?.changes ?? [])],
    steps: isNew ? [...steps, configStep('fail', 'password', left.summary)] : steps,
  }
}

async function givenPassword(
  terminal: Terminal,
  { passwordEnv }: Source,
  variables: Variables,
  user: string,
): Promise<string> {
  if (passwordEnv !== undefined) {
    const value = variables.get(passwordEnv)
    // The name is not shown if it may be the password itself.
    const shown = /^[A-Z_][A-Z0-9_]*$/.test(passwordEnv) ? passwordEnv : 'the variable'
    if (value === undefined)
      throw new UsageError(`${shown} of --password-env is not set: it is not in ${variables.searched()}`)
    return value
  }
  if (process.stdin.isTTY) return typedPassword(terminal, user)
  const input = addAbortSignal(terminal.interrupted, process.stdin)
  return (await text(input)).replace(/\r?\n$/, '')
}

async function typedPassword(terminal: Terminal, user: string): Promise<string> {
  // Without a terminal, the missing password is the finding.
  return process.stdin.isTTY ? askSecret(terminal, `Password of ${user}: `) : ''
}
