import type { Kind, Permanence, Scope } from './vocabulary.ts'

/** What the server said (RFC 5321 section 4.2), without secrets. */
export interface Reply {
  /** The protocol that the code belongs to. */
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
  /** `local-part@domain`, as in the envelope. */
  readonly address: string
  /**
   * `accepted`: the server took responsibility. `not-attempted`: it was not asked. `unknown`: the recipient may have
   * the message.
   */
  readonly status: 'accepted' | 'rejected' | 'not-attempted' | 'unknown'
  /** Whether another attempt may succeed. @default that of the failure */
  readonly permanence?: Permanence | undefined
  /** Why it was refused. @default that of the failure */
  readonly kind?: Kind | undefined
  /** @default follows the kind */
  readonly scope?: Scope | undefined
  /** What the server said about this recipient. */
  readonly reply?: Reply | undefined
  /** How long to wait before this recipient is tried again, in ms, if the server or the provider says so: at most a day, and 0 if there is another way. */
  readonly retryAfterMs?: number | undefined
}

/** Whether a recipient was refused for now, or not attempted in a send that failed for now. Another attempt cannot cause a second copy. */
export function canTryRecipientAgain(recipient: RecipientOutcome, permanence: Permanence): boolean {
  if (recipient.status !== 'rejected' && recipient.status !== 'not-attempted') return false
  return (recipient.permanence ?? permanence) === 'transient'
}
