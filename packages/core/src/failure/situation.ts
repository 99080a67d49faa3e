import { capabilitiesOf } from '../smtp/capabilities.ts'
import type { Reply } from './recipient-outcome.ts'
import type { Delivered, Kind, Permanence, Stage } from './vocabulary.ts'

/** What is known about a failure when its hint is chosen. */
export interface FailureFacts {
  /** The step that failed. */
  readonly stage: Stage
  /** What happened there. */
  readonly kind: Kind
  /** Whether another attempt may succeed. */
  readonly permanence: Permanence
  /** Who may have the message. */
  readonly delivered: Delivered
  /** What the server said. */
  readonly reply?: Reply | undefined
  /** How long it asks to wait, in ms. */
  readonly retryAfterMs?: number | undefined
}

/** How a transport writes its options, so that a hint names the ones that its users know. */
export interface OptionWords {
  /** How many connections are open at once. */
  readonly connections: string
  /** An access token instead of a password. */
  readonly token: string
  /** No TLS at all. */
  readonly plain: string
  /** The time-out of a stage. */
  readonly timeout: (stage: Stage) => string
}

/** The words of `smtp()`. */
export const SMTP_OPTION_WORDS: OptionWords = {
  connections: '`pool.connections`',
  token: '`auth.accessToken`',
  plain: "`?tls=none` in the URL, or the option `tls: 'none'`",
  timeout: (stage) => (stage.includes('-') ? `\`timeouts['${stage}']\`` : `\`timeouts.${stage}\``),
}

/** What the caller configured, and what the server showed so far. Hints depend on it. It never holds a secret. */
export interface Situation {
  /** The host that the transport is configured with. */
  readonly host: string
  /** The port that the transport is configured with. */
  readonly port: number
  /** The mode of TLS that the transport is configured with. */
  readonly tls: 'implicit' | 'starttls' | 'opportunistic' | 'none'
  /** What the caller logs in with; undefined without a log-in. */
  readonly auth: 'password' | 'token' | undefined
  /** Which of them begins or ends with white space. */
  readonly padded?: 'user name' | 'password' | 'access token' | undefined
  /** The name of this client in EHLO; undefined if it is not known. */
  readonly name: string | undefined
  /** The most connections at once; undefined if there is no limit. */
  readonly connections: number | undefined
  /** What the options are called in the transport that failed. */
  readonly options: OptionWords
  /** The first line of the greeting. */
  greeting?: string | undefined
  /** The lines of the last reply to EHLO. */
  hello?: readonly string[] | undefined
  /** Whether the connection was encrypted when it failed. */
  encrypted: boolean
}

/** The SASL mechanisms that the server offers. */
export function offeredMechanisms({ hello }: Situation): readonly string[] {
  return hello ? capabilitiesOf(hello).mechanisms : []
}

/** Which credential has white space around it, as one that was copied or read from a file often has. */
export function paddedCredential(user: unknown, password: unknown, token: unknown): Situation['padded'] {
  if (isPadded(password)) return 'password'
  if (isPadded(token)) return 'access token'
  return isPadded(user) ? 'user name' : undefined
}

function isPadded(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== value
}
