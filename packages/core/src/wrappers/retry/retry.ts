import { AttemptKeys } from '../attempt-keys.ts'
import { Attempts } from '../attempts.ts'
import { checkNumber, checkOptions } from '../../failure/config-error.ts'
import { isTransportDown } from '../../transports/standing.ts'
import { MailError } from '../../failure/mail-error.ts'
import type { Message } from '../../message/message.ts'
import { pause } from './pause.ts'
import { RetryBudget } from './retry-budget.ts'
import { RetrySchedule } from './retry-schedule.ts'
import { sendThrough } from '../../transports/send-through.ts'
import { tellFailed } from '../../transports/tell.ts'
import type { Delivery, Transport, TransportContext } from '../../transports/transport.ts'
import { wrap } from '../../transports/wrap.ts'

/** How often and when to try again. */
export interface RetryOptions {
  /** The number of attempts for each recipient, including the first. @default 3 */
  readonly attempts?: number | undefined
  /**
   * The longest pause before the second attempt, in ms. It doubles for each further attempt. Each pause is a random part of
   * it, from nothing to all, so that many messages do not come back at once. A server that asks for a longer wait gets it.
   * @default 1_000
   */
  readonly delayMs?: number | undefined
  /** What the pause does not grow beyond, in ms. @default 60_000 */
  readonly maxDelayMs?: number | undefined
  /**
   * How many attempts may follow failures of the server or of the connection, for each message of the last ten seconds; three
   * a second are always allowed. A server that is down then gets 1.2 times its usual load, and not three times. `false` for
   * no limit. @default 0.2
   */
  readonly budget?: number | false | undefined
}

/**
 * Tries again, but only for recipients that were refused for now or not attempted, with the same Message-ID and headers.
 * Each recipient has its own attempts, and waits as long as the server asks. A wait that would end after the deadline is not
 * begun. It never sends again to a recipient that was accepted. One whose outcome is unknown is tried again only if the
 * message has an `idempotencyKey` and the transport honours it, for as long as it remembers the key.
 */
export function retry(transport: Transport, options: RetryOptions = {}): Transport {
  checkOptions(options, 'retry()', { attempts: true, delayMs: true, maxDelayMs: true, budget: true })
  checkNumber(options.attempts, 'retry() attempts', 1, true)
  checkNumber(options.delayMs, 'retry() delayMs', 0)
  checkNumber(options.maxDelayMs, 'retry() maxDelayMs', 0)
  const { attempts = 3, delayMs = 1_000, maxDelayMs = 60_000, budget = 0.2 } = options
  if (budget !== false) checkNumber(budget, 'retry() budget', 0)
  const timing = { attempts, delayMs, maxDelayMs }
  const retries = budget === false ? undefined : new RetryBudget(budget)
  const self = wrap('retry', transport, (message, context) => {
    retries?.addSend()
    const keysUntil =
      transport.idempotencyKeyMs === undefined ? Infinity : performance.now() + transport.idempotencyKeyMs
    const tries = new Attempts(self.name, context, 'one')
    // Not an async function: most messages need only one attempt.
    return sendThrough(transport, message, tries.contextOf(message), (first) => {
      if (MailError.is(first)) return goOn(message, first, context, tries, keysUntil)
      tries.end()
      return first
    })
  })
  // It may have sent the message with other keys as well, of which another retry() around it knows nothing.
  return { ...self, honoursIdempotencyKey: false }

  async function goOn(
    message: Message,
    first: MailError,
    context: TransportContext,
    tries: Attempts,
    keysUntil: number,
  ): Promise<Delivery> {
    const { signal, deadlineAt = Infinity } = context
    const { idempotencyKey } = message
    // Even if not every server honours keys, one of several may.
    const keys = idempotencyKey === undefined ? undefined : new AttemptKeys(idempotencyKey, self.name)
    const isHonoured = transport.honoursIdempotencyKey === true
    const schedule = new RetrySchedule(message, { ...timing, isHonoured, keysUntil }, keys, deadlineAt)
    let current = message
    let result: Delivery | MailError = first
    for (;;) {
      tries.add(current, result)
      if (MailError.is(result)) {
        const error = result
        keys?.add(current, error)
        schedule.add(current, error, () => !retries || !isTransportDown(error) || retries.takeRetry())
      } else keys?.addDelivery(current)
      const due = schedule.next
      if (due === undefined || signal?.aborted) return tries.finish()
      if (MailError.is(result)) tellFailed(context, result)
      // The caller may end the pause. Then the send fails with the failure so far.
      if (!(await pause(due - performance.now(), signal))) return tries.finish()
      current = schedule.take(Math.max(due, performance.now()))
      result = await sendThrough(transport, current, tries.contextOf(current))
    }
  }
}
