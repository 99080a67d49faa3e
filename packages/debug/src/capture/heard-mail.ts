import { rawMail } from '../new-mail.ts'
import type { NewMail } from '../stores/mail-store.ts'
import type { Heard } from './heard-conversation.ts'

/** What a store keeps of a mail that a server heard. */
export async function heardMail(heard: Heard, transport: string): Promise<NewMail> {
  const { envelope, transcript, content, error } = heard
  const failed = error?.with({ transport, transcript })
  const mail = await rawMail(envelope, {
    state: error ? 'failed' : 'captured',
    transport,
    transcript,
    content,
    error: failed,
  })
  if (content) return mail
  const isBegun = envelope.from !== '' || envelope.to.length > 0
  return {
    ...mail,
    problem: isBegun
      ? 'the client did not send all of the message'
      : 'the client did not come as far as the message',
  }
}
