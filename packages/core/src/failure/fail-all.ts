import { MailError, type MailErrorInit } from './mail-error.ts'
import type { Message } from '../message/message.ts'

/** The failure of a whole message: every recipient of its envelope gets the same status. */
export function failAll(
  message: Pick<Message, 'envelope' | 'messageId' | 'replayable'>,
  status: 'not-attempted' | 'unknown',
  init: Omit<MailErrorInit, 'recipients' | 'messageId' | 'replayable'>,
): MailError {
  const recipients = message.envelope.to.map((address) => ({ address, status }))
  return new MailError({ ...init, recipients, messageId: message.messageId, replayable: message.replayable })
}
