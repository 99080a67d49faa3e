import type { Credentials } from '../script/action.ts'

/** One AUTH exchange as a mechanism sees it, already decoded from base64. */
export interface Exchange {
  readonly initial: string | undefined
  readonly users: Readonly<Record<string, string>> | undefined
  readonly tokens: Readonly<Record<string, string>> | undefined
  /** Sends a challenge and resolves to the answer; rejects with a Refusal. */
  ask(challenge: string): Promise<string>
}

/** The result of an exchange. */
export interface Verdict {
  readonly credentials: Credentials
  readonly valid: boolean
  /** Sent in a last challenge before the refusal (RFC 7628 section 3.2.2). */
  readonly problem?: string
}

/** Ends an exchange before the credentials are complete; the message is the reply. */
export class Refusal extends Error {}
