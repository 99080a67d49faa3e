import type { Verdict } from '../report.ts'
import type { Mailauth } from './load-mailauth.ts'
import type { NameServers } from './name-servers.ts'

/** Whose mail is examined, and whom to ask about it. */
export interface Sender {
  /** In ASCII, lower case. */
  readonly domain: string
  readonly names: NameServers
  readonly mailauth: Mailauth
}

/** The address that receivers see. */
export interface SendingAddress {
  readonly ip: string
  /** False for the mail server's own address: the server may send from another one. */
  readonly isCertain: boolean
}

/** What a check found. */
export interface Finding {
  readonly verdict: Verdict
  /** What was found, and what to do about it. */
  readonly detail: string
}

export const pass = (detail: string): Finding => ({ verdict: 'pass', detail })
export const warn = (detail: string): Finding => ({ verdict: 'warn', detail })
export const fail = (detail: string): Finding => ({ verdict: 'fail', detail })
export const skip = (detail: string): Finding => ({ verdict: 'skip', detail })
