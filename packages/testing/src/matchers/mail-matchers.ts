import type { FailureShape } from './failure-shape.ts'
import type { MailMatch } from './mail-shape.ts'
import { toHaveFailed } from './to-have-failed.ts'
import { toHaveSent, type SentOptions } from './to-have-sent.ts'

/** What the matchers add to `expect()`; each answers later, so it is awaited. */
export interface MailMatchers<Result = Promise<void>> {
  /**
   * A mail went out: of a debug transport, a store or a test inbox. Failed sends do not count; one that failed in part
   * counts for those recipients who have it.
   */
  toHaveSent(match?: MailMatch, options?: SentOptions): Result
  /** A MailError, a receipt, or some send of a debug transport, a store or a test inbox is such a failure. */
  toHaveFailed(shape?: FailureShape): Result
}

/** For `expect.extend(mailMatchers)` of Vitest and Jest. */
export const mailMatchers = { toHaveSent, toHaveFailed } satisfies Record<keyof MailMatchers, unknown>
