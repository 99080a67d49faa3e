import { MailError, type Envelope, type Message } from '@loudmail/core'
import { restoreMessage } from '@loudmail/core/transport'
import { damaged } from './read-failures.ts'

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

/** Why a message in the store cannot be read, for its recipients. */
export function unreadable(error: unknown, { messageId, envelope }: Message, outbox: string): MailError {
  const known = MailError.is(error) ? error : damaged('it does not fit its entry', error)
  const recipients = envelope.to.map((address) => ({ address, status: 'not-attempted' as const }))
  const { permanence, hint } = known
  return known.with({ transport: outbox, messageId, recipients, permanence, hint })
}
