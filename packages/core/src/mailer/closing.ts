import { LONGEST_MS } from './deadline.ts'
import { MailError } from '../failure/mail-error.ts'
import type { Transport } from '../transports/transport.ts'

/** A transport has at least this long to close, in ms. Goodbyes to servers take a moment. */
const LEAST_CLOSE_MS = 1_000

/** Why the sends that are left when `drainMs` is over end. */
export const CLOSED = new DOMException('The mailer was closed', 'AbortError')

/**
 * Waits for the sends in progress, then closes the transport. With a limit, it ends the sends that are left then, and waits
 * for a transport that does not close no longer than a moment.
 *
 * @param ended resolves when the last send has settled
 * @param abort ends the sends in progress; they settle soon after that
 */
export async function closeMailer(
  transport: Transport,
  drainMs: number,
  ended: Promise<void>,
  abort: () => void,
): Promise<void> {
  const until = performance.now() + drainMs
  if (!(await settlesWithin(ended, drainMs))) {
    abort()
    await ended
  }
  const closeMs = Math.max(until - performance.now(), LEAST_CLOSE_MS)
  if (await settlesWithin((async () => transport.close?.())(), closeMs)) return
  process.emitWarning(`${transport.name} did not close in time`, 'LoudmailWarning')
}

/** A send that ended because the mailer was closed says so, and what to do about it. */
export function endedByClosing(error: MailError, signal: AbortSignal | undefined): MailError {
  if (error.kind !== 'aborted' || signal?.reason !== CLOSED) return error
  const mayHaveIt = error.delivered === 'unknown' ? ', once you know that it did not arrive' : ''
  return error.with({
    summary: 'the mailer was closed before the send ended',
    hint: `Send the message again${mayHaveIt}. So that more sends end in time, raise \`drainMs\`.`,
  })
}

/** Whether a promise settles within a time. If it rejects within it, so does this one. */
function settlesWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const timer = ms > LONGEST_MS ? undefined : setTimeout(resolve, ms, false)
    promise.then(
      () => {
        clearTimeout(timer)
        resolve(true)
      },
      (reason: unknown) => {
        clearTimeout(timer)
        reject(reason)
      },
    )
  })
}
