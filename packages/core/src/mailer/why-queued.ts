import type { MailError } from '../failure/mail-error.ts'
import type { Delivery } from '../transports/transport.ts'

/**
 * Why a message stays in a queue: what failed when its transport tried to send it. Undefined if it only went into a queue,
 * also if that is the second way of a `failover()`, whose first way failed.
 */
export function whyQueued({
  state,
  transport,
  failures,
}: Pick<Delivery, 'transport' | 'failures'> & { readonly state: string }): MailError | undefined {
  const last = state === 'queued' ? failures.at(-1) : undefined
  return last?.transport === transport ? last : undefined
}
