import type { MailError } from '@loudmail/core'
import type { Report, Step } from './report.ts'

/** The worst of what was found. */
export function verdictOf(steps: readonly Step[], failure: MailError | undefined): Report['verdict'] {
  if (failure || steps.some((step) => step.verdict === 'fail')) return 'fail'
  return steps.some((step) => step.verdict === 'warn') ? 'warn' : 'pass'
}
