import { MailError, type Envelope, type Message } from '@loudmail/core'
import { restoreMessage } from '@loudmail/core/transport'

const NOTHING = new Uint8Array(0)

/** Stands for a message that cannot be read, so that its failure has its Message-ID and recipients. It is never sent. */
export function messageWithoutContent(messageId: string | undefined, envelope: Envelope): Message {
  const raw = {
    bytes: NOTHING,
    async *open() {
      yield NOTHING
    },
  }
  return restoreMessage({ raw, messageId, requireTlsOnward: false }, envelope)
}

/** Why a message in the store cannot be read. */
export function unreadable(error: unknown, outbox: string): MailError {
  if (MailError.is(error)) return error
  return new MailError({
    stage: 'submit',
    kind: 'storage',
    permanence: 'permanent',
    summary: 'the message in the store cannot be read',
    hint: 'Its octets were changed, or another program wrote them. Restore the store from a backup, or discard the entry.',
    transport: outbox,
    cause: error,
  })
}
