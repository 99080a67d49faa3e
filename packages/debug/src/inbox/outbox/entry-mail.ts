import { newMail } from '../../new-mail.ts'
import type { StoredMail } from '../../stores/mail-store.ts'
import type { ShownOutbox } from './shown-outbox.ts'

/**
 * The message of an entry as a mail of an inbox: with the bytes that would go out. Undefined if it has no content any more.
 *
 * @throws MailError `submit/storage` if it cannot be read
 */
export async function entryMail(outbox: ShownOutbox, id: string): Promise<StoredMail | undefined> {
  const message = await outbox.read?.(id)
  if (!message) return undefined
  const mail = await newMail(message, { state: 'queued', transport: outbox.name, transcript: undefined })
  return { ...mail, id, at: new Date(), size: mail.content?.byteLength ?? 0 }
}
