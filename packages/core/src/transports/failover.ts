import { CombinedOutcome } from './combined-outcome.ts'
import { MailError, scopeOfRecipient } from '../failure/mail-error.ts'
import type { RecipientOutcome } from '../failure/recipient-outcome.ts'
import { sendThrough } from './send-through.ts'
import { tellFailed } from './tell.ts'
import type { Transport } from './transport.ts'
import { wrap } from './wrap.ts'

/**
 * Sends with the first transport, and with the next one what failed. This is decided for each recipient: only failures of
 * scope `transport` go on to the next, not an unknown mailbox, not a spam verdict, and never a recipient that may already
 * have the message.
 */
export function failover(...transports: readonly Transport[]): Transport {
  const self = wrap('failover', transports, async (message, context) => {
    const tries = new CombinedOutcome(self.name)
    let current = message
    for (const [index, transport] of transports.entries()) {
      const result = await sendThrough(transport, current, context)
      tries.add(current, result)
      if (!MailError.is(result) || index === transports.length - 1) break
      const others = result.recipients.filter((recipient) => anotherMayTake(recipient, result))
      if (others.length === 0 || context.signal?.aborted || !message.replayable) break
      tellFailed(context, result)
      current = message.forRecipients(others.map((recipient) => recipient.address))
    }
    return tries.finish()
  })
  return self
}

function anotherMayTake(recipient: RecipientOutcome, error: MailError): boolean {
  if (recipient.status !== 'rejected' && recipient.status !== 'not-attempted') return false
  return scopeOfRecipient(recipient, error) === 'transport'
}
