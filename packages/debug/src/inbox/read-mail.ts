import { parseMessage } from '../parse-message.ts'
import type { StoredMail } from '../stores/mail-store.ts'

/** A part that is not the text of the message. */
export interface ReadAttachment {
  readonly filename: string
  readonly type: string
  /** Without angle brackets. */
  readonly contentId?: string | undefined
  readonly content: Uint8Array
}

/** What a mail program shows of a message. */
export interface ReadMail {
  readonly html?: string | undefined
  readonly text?: string | undefined
  /** In the order of the message, unfolded but not decoded. */
  readonly headers: readonly { readonly name: string; readonly value: string }[]
  readonly attachments: readonly ReadAttachment[]
  /** Why it cannot be read as a message. */
  readonly problem?: string | undefined
}

const NOTHING: ReadMail = { headers: [], attachments: [] }

/** Reads a message as a mail program does. If it cannot be read, the result is its header and the reason. */
export async function readMail({ content, problem }: StoredMail): Promise<ReadMail> {
  if (!content) return { ...NOTHING, problem }
  const { html, text, headers, attachments, problem: reason } = await parseMessage(content)
  return {
    html,
    text,
    headers: headers.map(({ originalKey, value }) => ({ name: originalKey, value })),
    attachments: attachments.map(({ filename, mimeType, contentId, content: bytes }, index) => ({
      filename: filename ?? `part-${index + 1}`,
      type: mimeType,
      contentId: contentId?.replaceAll(/^<|>$/g, ''),
      content: typeof bytes === 'string' ? Buffer.from(bytes) : new Uint8Array(bytes),
    })),
    problem: reason,
  }
}
