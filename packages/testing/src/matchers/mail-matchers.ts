import type { FailureShape } from './failure-shape.ts'
import type { MailMatch } from './mail-shape.ts'
import { toHaveFailed } from './to-have-failed.ts'
import { toHaveSent, type SentOptions } from './to-have-sent.ts'

/** What the matchers add to `expect()`. Each returns a promise, so await it. */
export interface MailMatchers<Result = Promise<void>> {
  /**
   * A mail of this debug transport, store or test inbox went out. Failed sends do not count. A send that failed in part
   * counts for the recipients that have the mail.
   */
  toHaveSent(match?: MailMatch, options?: SentOptions): Result
  /** This MailError or receipt is such a failure, or a send of this debug transport, store or test inbox failed that way. */
  toHaveFailed(shape?: FailureShape): Result
}

/** For `expect.extend(mailMatchers)` of Vitest and Jest. */
export const mailMatchers = { toHaveSent, toHaveFailed } satisfies Record<keyof MailMatchers, unknown>
