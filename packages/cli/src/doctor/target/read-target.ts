import type { Terminal } from '../../terminal/terminal.ts'
import type { Fix } from '../report.ts'
import { shownUrl } from '../shown-url.ts'
import type { Target } from '../target.ts'
import { applicationOf, type Application } from '../../environment/application.ts'
import { compareEnvironments, trustedAsIn } from './compare-environments.ts'
import { credentialSteps } from './credential-steps.ts'
import { environmentSteps } from './environment-steps.ts'
import { learnSecrets } from '../../module/learn-secrets.ts'
import { readTransport } from './read-transport.ts'
import { readUrl } from './read-url.ts'
import { readVariable } from './read-variable.ts'
import type { TransportReading } from './recognise-transport.ts'
import type { Source } from './source.ts'
import { urlSecrets } from '../../terminal/url-secrets.ts'
import { Variables } from '../../environment/variables.ts'
import { withCredentials } from './with-credentials.ts'

/**
 * Reads what to examine, as the application has it. What is wrong with a URL, a variable or options is a failure of the
 * target; only a wrong command line throws. The terminal learns every secret before this function returns.
 *
 * @throws UsageError
 */
export async function readTarget(terminal: Terminal, source: Source): Promise<Target> {
  const application = applicationOf(source.pid)
  const variables = new Variables(application, source.envFiles)
  learnVariables(terminal, variables)
  const read = await readSource(terminal, source, application, variables)
  const reading = await withCredentials(terminal, read, source, variables)
  const { failure, changes, transport, words, goesOnPlain } = reading
  const options = reading.options && trustedAsIn(application, reading.options)
  learnSecrets(terminal.secrets, options)
  const steps = [
    ...reading.steps,
    ...credentialSteps(options?.auth),
    ...environmentSteps(application, variables, options),
    ...compareEnvironments(application, source.env === undefined ? [] : [source.env]),
  ]
  const url = options ? shownUrl(options) : (transport?.name ?? unreadable(source))
  const repaired: Fix | undefined =
    failure && options && changes.length > 0
      ? { change: changes.join(' '), ...(words === 'url' && { url }), verified: false }
      : undefined
  return { url, options, transport, words, steps, failure, repaired, goesOnPlain }
}

async function readSource(
  terminal: Terminal,
  { url, env, transport, part }: Source,
  application: Application,
  variables: Variables,
): Promise<
  Pick<TransportReading, 'words' | 'transport' | 'options' | 'failure' | 'changes' | 'steps' | 'goesOnPlain'>
> {
  if (transport !== undefined) {
    takeVariables(application, variables)
    return readTransport(terminal, transport, part)
  }
  if (env !== undefined) return { ...readVariable(variables, env, part), transport: undefined }
  for (const secret of urlSecrets(url!)) terminal.secrets.add(secret)
  return { ...readUrl(url!, part), words: 'url', transport: undefined }
}

/** Passwords in any variable: the target may be one of them, and errors may show others. */
function learnVariables({ secrets }: Terminal, variables: Variables): void {
  for (const [name, value] of variables.all()) learnSecrets(secrets, { [name]: value })
}

/** The file of the transport sees the variables that the application has. */
function takeVariables({ env, pid }: Application, variables: Variables): void {
  if (pid !== undefined) Object.assign(process.env, env)
  for (const file of variables.files)
    for (const [name, value] of Object.entries(file.values)) process.env[name] ??= value
}

function unreadable({ env, transport }: Source): string {
  return env ?? transport ?? 'a URL that cannot be read'
}
