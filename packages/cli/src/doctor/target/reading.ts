import type { MailError } from '@loudmail/core'
import type { SmtpOptions } from '@loudmail/smtp'
import type { Step } from '../report.ts'

/** What came out of reading a URL, a variable or options. */
export interface Reading {
  /** Those of the application, or the repaired ones. */
  readonly options?: SmtpOptions | undefined
  /** Why the application cannot use its own. */
  readonly failure?: MailError | undefined
  /** What was changed in the options to repair them, in sentences. */
  readonly changes: readonly string[]
  readonly steps: readonly Step[]
}
