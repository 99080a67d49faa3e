import type { MailError } from '@loudmail/core'
import { Secrets, visible } from '@loudmail/core/transport'
import type { SmtpOptions } from '@loudmail/smtp'
import type { ProbeCertificate } from '@loudmail/smtp/probe'
import type { Fix, Step } from '../report.ts'
import type { Target, Wishes } from '../target.ts'
import { whatToAsk } from './ask-elsewhere.ts'
import type { Trouble } from './candidate.ts'
import type { Finding } from './conclude.ts'
import { explore } from './explore.ts'
import { fixOptions } from './fix-options.ts'
import { fixUrl } from './fix-url.ts'
import { withoutSlowIpv6 } from './network.ts'
import { PORTS, type Ports } from './ports.ts'
import { Trials } from './trials.ts'

/** For tests, and to show what is going on. */
export interface FixOptions {
  /** @default 465, 587, 25 and 2525 */
  readonly ports?: Ports
  /** Called before each trial, with what is tried. */
  readonly onTry?: (text: string) => void
}

/**
 * Tries the likely neighbours of what failed, and says which change works. It makes at most six connections and one more
 * with a log-in, and sends nothing.
 *
 * @returns the fixes, those that work first; after a walk without failure only what would make it quicker
 */
export async function findFixes(
  target: Target,
  failure: MailError | undefined,
  steps: readonly Step[],
  wishes: Wishes,
  { ports = PORTS, onTry = () => {} }: FixOptions = {},
): Promise<Fix[]> {
  const { options, words, repaired } = target
  if (!failure)
    return withoutSlowIpv6(options, steps).map((candidate) =>
      fixOf({ candidate, verified: true }, options!, words, secretsOf(options!)),
    )
  if (!options) return [{ change: whatToAsk(failure), verified: false }]
  const trials = new Trials(wishes, onTry)
  if (repaired && failure.stage === 'config')
    return [{ ...repaired, verified: await isProven(repaired, options, steps, trials) }]
  const certificates = (): Promise<readonly ProbeCertificate[]> => trials.certificates(options)
  const trouble: Trouble = { options, words, failure, steps, wishes, ports, certificates }
  const secrets = secretsOf(options)
  const findings = await explore(trouble, trials, true)
  const fixes = findings.map((finding) => fixOf(finding, options, words, secrets))
  return repaired ? fixes.map((fix) => onTopOf(repaired, fix)) : fixes
}

/** Whether everything works with repaired options: the walk may have shown it. */
async function isProven(
  { change }: Fix,
  options: SmtpOptions,
  steps: readonly Step[],
  trials: Trials,
): Promise<boolean> {
  const walked = steps.filter(({ stage }) => stage !== 'config')
  if (walked.some(({ stage }) => stage === 'mail-from'))
    return !walked.some(({ verdict }) => verdict === 'fail')
  return walked.length === 0 && (await trials.logIn({ change, options })).state === 'works'
}

/** The application needs both changes: the walk went with the repaired options. */
function onTopOf(repaired: Fix, fix: Fix): Fix {
  if (fix.options === undefined && fix.url === undefined) return fix
  return {
    ...fix,
    change: `${repaired.change} ${fix.change}`,
    options: { ...repaired.options, ...fix.options },
  }
}

function fixOf(
  { candidate, verified, note }: Finding,
  before: SmtpOptions,
  words: Target['words'],
  secrets: Secrets,
): Fix {
  const text = note === undefined ? candidate.change : `${candidate.change} ${note}`
  // Some of it was said by servers, which may know the password from an earlier log-in.
  const change = secrets.redact(text).split('\n').map(visible).join('\n')
  const after = candidate.options
  if (!after) return { change, verified }
  const options = fixOptions(before, after, words)
  const url = words === 'nodemailer' ? undefined : fixUrl(after, before)
  return {
    change,
    ...(url !== undefined && { url }),
    ...(Object.keys(options).length > 0 && { options }),
    verified,
  }
}

function secretsOf({ auth, proxy }: SmtpOptions): Secrets {
  const own = auth && ('accessToken' in auth ? auth.accessToken : auth.pass)
  const url = proxy !== undefined && URL.canParse(proxy) ? new URL(proxy) : undefined
  return new Secrets([own, typeof own === 'string' ? own.trim() : own, url?.password || url?.username])
}
