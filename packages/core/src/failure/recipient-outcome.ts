import type { Kind, Permanence, Scope } from './vocabulary.ts'

/** What the server said (RFC 5321 section 4.2), without secrets. */
export interface Reply {
  readonly protocol: 'smtp' | 'lmtp' | 'http'
  /** 200 to 599. */
  readonly code: number
  /** Enhanced status code `class.subject.detail` (RFC 3463). */
  readonly enhanced?: string | undefined
  /** Without codes. Lines are separated by `\n`. */
  readonly text: string
  /** The command that it answers, redacted. */
  readonly command?: string | undefined
}

/** The outcome for one recipient. `accepted` means that the server took responsibility. */
export interface RecipientOutcome {
  readonly address: string
  readonly status: 'accepted' | 'rejected' | 'not-attempted' | 'unknown'
  readonly permanence?: Permanence | undefined
  readonly kind?: Kind | undefined
  /** @default follows the kind */
  readonly scope?: Scope | undefined
  readonly reply?: Reply | undefined
}
