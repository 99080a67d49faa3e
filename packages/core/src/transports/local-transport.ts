import { failAll } from '../failure/fail-all.ts'
import type { MailError } from '../failure/mail-error.ts'
import type { Message } from '../message/message.ts'
import type { DeliveryState, Transport } from './transport.ts'

/** A transport whose messages never leave the process: every recipient is accepted. `take` receives each message, unless the transport is closed or the send aborted. */
export function localTransport(
  name: string,
  state: DeliveryState,
  take: (message: Message) => void,
): Required<Pick<Transport, 'name' | 'verifiesEnvelope' | 'send' | 'close'>> {
  let closed = false
  const refuse = (message: Message, kind: 'pool-closed' | 'aborted'): MailError =>
    failAll(message, 'not-attempted', { stage: 'queue', kind, transport: name })
  return {
    name,
    verifiesEnvelope: true,
    async send(message, context) {
      if (closed) throw refuse(message, 'pool-closed')
      if (context?.signal?.aborted) throw refuse(message, 'aborted')
      take(message)
      return { transport: name, state, failures: [] }
    },
    async close() {
      closed = true
    },
  }
}
