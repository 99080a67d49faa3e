import { MailError } from '../failure/mail-error.ts'
import type { Message } from '../message/message.ts'
import { CombinedOutcome } from './combined-outcome.ts'
import type { Delivery } from '../transports/transport.ts'

/** A part of the recipients of a message, and what became of it. */
export type Part = readonly [message: Message, result: Delivery | MailError]

/**
 * The outcome of a message whose recipients were sent to in parts, or that was tried more than once.
 *
 * @param ways as in {@link CombinedOutcome}
 */
export function combine(
  transport: string,
  parts: readonly Part[],
  ways: 'one' | 'several' = 'one',
): Delivery | MailError {
  const combined = new CombinedOutcome(transport, ways)
  for (const [message, result] of parts) combined.add(message, result)
  try {
    return combined.finish()
  } catch (error) {
    if (MailError.is(error)) return error
    throw error
  }
}
