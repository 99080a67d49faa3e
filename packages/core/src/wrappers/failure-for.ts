import type { MailError } from '../failure/mail-error.ts'
import type { RecipientOutcome } from '../failure/recipient-outcome.ts'
import { NONE } from '../message/address.ts'
import type { Message } from '../message/message.ts'

/**
 * The failure of a message as the failure of another one: with the recipients of `message`, or with some of them, and
 * without the attempts, which were already told to whoever made them.
 */
export function failureFor(
  message: Pick<Message, 'messageId' | 'replayable'>,
  error: MailError,
  recipients: readonly RecipientOutcome[],
): MailError {
  const { permanence, delivered, hint } = error
  const sameStatuses = recipients.length === error.recipients.length
  // A failure may have several reasons, of which these recipients have only one.
  const [first, ...others] = recipients.filter(({ status }) => status !== 'accepted')
  const only = first?.kind && first.kind !== error.kind && others.every((other) => other.kind === first.kind)
  return error.with({
    recipients,
    messageId: message.messageId,
    replayable: message.replayable,
    failures: NONE,
    ...(sameStatuses && { permanence, delivered, hint }),
    ...(only && { kind: first.kind, scope: first.scope, reply: first.reply, summary: undefined }),
  })
}
