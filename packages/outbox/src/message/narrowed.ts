import type { Message, RecipientOutcome } from '@loudmail/core'
import { derivedKey } from '@loudmail/core/transport'

/**
 * A message for those who are still to get it. A server that honours keys delivers nothing for a key that it knows, so once
 * others got the message, it has another one: always the same for the same recipients.
 */
export function narrowed(
  whole: Message,
  open: readonly string[],
  recipients: readonly RecipientOutcome[],
): Message {
  const { idempotencyKey } = whole
  const others = recipients.filter(({ status }) => status === 'accepted' || status === 'unknown').length
  if (idempotencyKey === undefined || others === 0) return whole.forRecipients(open)
  return whole.forRecipients(
    open,
    derivedKey(idempotencyKey, (key) => `${key};outbox=${others}`),
  )
}
