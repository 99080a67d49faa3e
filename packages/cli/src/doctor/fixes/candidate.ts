import type { MailError } from '@loudmail/core'
import type { SmtpOptions } from '@loudmail/smtp'
import type { ProbeCertificate } from '@loudmail/smtp/probe'
import type { Step } from '../report.ts'
import type { Target, Wishes } from '../target.ts'
import type { Ports } from './ports.ts'

/** What failed, with which options: what a family of neighbours chooses from. */
export interface Trouble {
  readonly options: SmtpOptions
  readonly words: Target['words']
  readonly failure: MailError
  readonly steps: readonly Step[]
  readonly wishes: Wishes
  readonly ports: Ports
  /** The certificates that the server shows; none if it shows none. */
  readonly certificates: () => Promise<readonly ProbeCertificate[]>
}

/** A change that may help. */
export interface Candidate {
  /** What to change, as a person says it. */
  readonly change: string
  /** The options after the change. Undefined: nothing on this side changes, and there is nothing to try. */
  readonly options?: SmtpOptions
  /** What to name after MAIL FROM. @default the usual sender */
  readonly from?: string
  /** The server answers with these options up to the log-in. Only a log-in shows whether the change helps. */
  readonly isReached?: boolean
  /** Nobody has confirmed that this is the right server: no password goes there, except to this machine. */
  readonly isUnconfirmed?: boolean
  /** Only accepted recipients show that it works. */
  readonly needsRecipient?: boolean
  /** It is worth saying although it cannot be tried. */
  readonly isUntried?: boolean
  /** It is the usual hint of the failure: needless beside a change that works. */
  readonly isUsual?: boolean
}

/** The neighbours of one kind, the likeliest first. Empty if the failure has nothing to do with them. */
export type Family = (trouble: Trouble) => readonly Candidate[] | Promise<readonly Candidate[]>
