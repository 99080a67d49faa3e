import type { MailError } from '../failure/mail-error.ts'
import type { Delivered, FailureCode, Kind, Permanence, Scope, Stage } from '../failure/vocabulary.ts'

/** A failure as subscribers see it: without addresses, and without the words of the server. */
export interface TracedFailure extends Error {
  /** As that of the failure itself. */
  readonly name: 'MailError'
  /** `stage/kind`. */
  readonly code: FailureCode
  /** The step that failed. */
  readonly stage: Stage
  /** What happened there. */
  readonly kind: Kind
  /** Whose fault it is. */
  readonly scope: Scope
  /** Whether another attempt may succeed. */
  readonly permanence: Permanence
  /** Who may have the message. */
  readonly delivered: Delivered
  /** Whether some recipient can be tried again without the risk of a second copy. */
  readonly retryable: boolean
  /** What to do about it. */
  readonly hint: string
}

/**
 * Anything that looks like an address. A package name in backticks, such as `@loudmail/oauth2`, does not, and the samples of
 * a hint, `name@example.com` and `Name <name@example.com>`, are nobody's.
 */
const ADDRESS = /(?<![^\s`@])(?!<?name@example\.com>?`)[^\s`@]+@[^\s@]+/g

/** An error of its own: the message and the stack of a MailError contain what the server said, and so may its hint. */
export function tracedFailure(error: MailError): TracedFailure {
  const { code, stage, kind, scope, permanence, delivered, retryable } = error
  // The hint about an address quotes it.
  const hint = error.hint.replaceAll(ADDRESS, '<address>')
  const failure = new Error(`${code}: ${hint}`)
  failure.name = 'MailError'
  // Its own stack would show only where it was copied.
  failure.stack = `MailError: ${failure.message}`
  return Object.assign(failure, {
    code,
    stage,
    kind,
    scope,
    permanence,
    delivered,
    retryable,
    hint,
  }) as TracedFailure
}
