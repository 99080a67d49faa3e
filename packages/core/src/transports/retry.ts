import { CombinedOutcome } from './combined-outcome.ts'
import { checkNumber, checkOptions } from '../failure/config-error.ts'
import { canTryRecipientAgain, MailError } from '../failure/mail-error.ts'
import { sendThrough } from './send-through.ts'
import { tellFailed } from './tell.ts'
import type { Transport } from './transport.ts'
import { wrap } from './wrap.ts'

/** How often and when to try again. */
export interface RetryOptions {
  /** The number of attempts, including the first. @default 3 */
  readonly attempts?: number
  /** The pause before the second attempt in ms. It doubles for each further attempt, and varies by 25%. @default 1_000 */
  readonly delayMs?: number
  /** The longest pause in ms. @default 60_000 */
  readonly maxDelayMs?: number
}

/**
 * Tries again, but only for recipients that were refused for now or not attempted, with the same Message-ID and headers.
 * It never sends again to a recipient that was accepted or whose outcome is unknown.
 */
export function retry(transport: Transport, options: RetryOptions = {}): Transport {
  checkOptions(options, 'retry()', { attempts: true, delayMs: true, maxDelayMs: true })
  checkNumber(options.attempts, 'retry() attempts', 1, true)
  checkNumber(options.delayMs, 'retry() delayMs', 0)
  checkNumber(options.maxDelayMs, 'retry() maxDelayMs', 0)
  const { attempts = 3, delayMs = 1_000, maxDelayMs = 60_000 } = options
  const self = wrap('retry', transport, async (message, context) => {
    const tries = new CombinedOutcome(self.name)
    let current = message
    for (let n = 1; ; n++) {
      const result = await sendThrough(transport, current, context)
      tries.add(current, result)
      if (!MailError.is(result) || !result.retryable || n >= attempts || context.signal?.aborted)
        return tries.finish()
      const pause = Math.min(delayMs * 2 ** (n - 1), maxDelayMs) * (0.75 + Math.random() / 2)
      tellFailed(context, result)
      // The deadline or the caller may end the pause. Then the send fails with the failure so far.
      if (context.signal?.aborted || (await isAborted(pause, context.signal))) return tries.finish()
      const again = result.recipients.filter((recipient) =>
        canTryRecipientAgain(recipient, result.permanence),
      )
      current = message.forRecipients(again.map((recipient) => recipient.address))
    }
  })
  return self
}

function isAborted(ms: number, signal: AbortSignal | undefined): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (aborted: boolean): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      resolve(aborted)
    }
    const onAbort = (): void => end(true)
    const timer = setTimeout(end, ms, false)
    signal?.addEventListener('abort', onAbort)
  })
}
