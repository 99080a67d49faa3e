import type { Kind, MailError } from '@loudmail/core'
import { providerOf } from '@loudmail/core/transport'
import type { SmtpOptions } from '@loudmail/smtp'
import type { Candidate, Trouble } from './candidate.ts'

const WAIT: readonly Kind[] = [
  'greylisted',
  'rate-limited',
  'service-unavailable',
  'server-error',
  'server-storage',
  'tls-unavailable',
  'auth-temporary',
  'dns-temporary',
  'mailbox-full',
]
/** For these, the hint says what to do at a provider. */
const AT_THE_PROVIDER: readonly Kind[] = [
  'bad-credentials',
  'app-password-required',
  'web-login-required',
  'oauth-token',
  'account-blocked',
  'auth-mechanism',
  'policy',
  'sender-not-owned',
]

/** What only a person elsewhere can do, or time. */
export function askElsewhere({ failure, options }: Trouble): Candidate {
  return { change: whatToAsk(failure, options), isUntried: true, isUsual: true }
}

const NO_TLS =
  'Ask the operator of the server to offer STARTTLS on this port, or TLS from the start on port 465. If the server offers it to others, ask the operator of the network whether a firewall takes it away. Do not send the password without TLS.'

/** In plain words: the hint of the failure, as numbered steps where it has several. */
export function whatToAsk(failure: MailError, options?: SmtpOptions): string {
  const { kind, permanence, hint, reply } = failure
  if (WAIT.includes(kind) && permanence !== 'permanent')
    return `${hint} In a program, \`retry()\` tries again by itself.`
  // The hint speaks of mail without TLS as well.
  if (kind === 'starttls-not-offered' && options?.auth) return NO_TLS
  const isProvider = providerOf({ host: options?.host ?? '', greeting: greetingBefore(failure) }, reply?.text)
  return isProvider && AT_THE_PROVIDER.includes(kind) ? inSteps(hint) : hint
}

/** What follows a first clause with a colon, as numbered steps if there are several. */
function inSteps(hint: string): string {
  const [, lead, rest] = /^([^.]+?:) (.+)$/s.exec(hint) ?? []
  const steps = rest?.split(/(?<=\.) (?=[A-Z])/) ?? []
  if (steps.length < 2) return hint
  const numbered = steps.map((step, index) => `${index + 1}. ${step[0]!.toUpperCase()}${step.slice(1)}`)
  return [lead, ...numbered].join('\n')
}

function greetingBefore({ transcript }: MailError): string | undefined {
  return transcript?.entries.find(({ from }) => from === 'server')?.text
}
