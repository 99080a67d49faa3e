import { text } from 'node:stream/consumers'
import type { Outbox } from '@loudmail/outbox'

/** What is in the message of an entry. */
export interface ReadContent {
  readonly text?: string | undefined
  readonly html?: string | undefined
  /** The names of its files, or else their types. */
  readonly attachments?: readonly string[]
  /** The whole message, if it was built elsewhere. */
  readonly source?: string
}

/**
 * Reads the message of an entry. Undefined if it is not kept any more.
 *
 * @throws MailError `submit/storage` if it cannot be read, such as without its key
 */
export async function readContent(box: Outbox, id: string): Promise<ReadContent | undefined> {
  const message = await box.read(id)
  if (message?.raw) return { source: await text(message.raw.open()) }
  return (
    message && {
      text: message.text,
      html: message.html,
      attachments: message.attachments.map(
        ({ filename, contentType }) => filename ?? contentType ?? 'without a name',
      ),
    }
  )
}
