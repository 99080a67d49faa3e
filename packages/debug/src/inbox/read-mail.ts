import { comparableId, shownIds } from './content-id.ts'
import { parseMessage } from '../parse-message.ts'
import type { StoredMail } from '../stores/mail-store.ts'

/** A part that is not the text of the message, or is a text with a file name; and every message in it. */
export interface ReadAttachment {
  readonly filename: string
  readonly type: string
  /** Without angle brackets. */
  readonly contentId?: string | undefined
  /** The HTML shows it, by its content id. */
  readonly inline: boolean
  /** Exactly the octets that were put into the message. */
  readonly content: Uint8Array
}

export interface ReadHeader {
  readonly name: string
  /** Unfolded but not decoded. */
  readonly value: string
  /** Its encoded words decoded (RFC 2047), if that makes a difference. */
  readonly decoded?: string | undefined
}

/** What a mail program shows of a message. */
export interface ReadMail {
  readonly html?: string | undefined
  readonly text?: string | undefined
  /** In the order of the message. */
  readonly headers: readonly ReadHeader[]
  readonly attachments: readonly ReadAttachment[]
  /** Its source as text, or the first `most` octets of it. */
  readonly source?: ((most?: number) => string) | undefined
  /** Why it cannot be read as a message. */
  readonly problem?: string | undefined
}

const NOTHING: ReadMail = { headers: [], attachments: [] }

/** Reads a message as a mail program does. If it cannot be read, the result is its header and the reason. */
export async function readMail({ content, problem }: StoredMail): Promise<ReadMail> {
  if (!content) return { ...NOTHING, problem }
  const { html, text, headers, attachments, problem: reason } = await parseMessage(content)
  const { decodeWords } = await import('postal-mime')
  const { sourceText } = await import('./source-text.ts')
  const shown = shownIds(html ?? '')
  return {
    html,
    text,
    headers: headers.map(({ originalKey: name, value }) => {
      const decoded = value.includes('=?') ? decodeWords(value) : value
      return decoded === value ? { name, value } : { name, value, decoded }
    }),
    attachments: attachments.map((attachment, index) => {
      const { filename, type, contentId: id } = attachment
      const contentId = id?.replaceAll(/^<|>$/g, '')
      return {
        filename: filename ?? `part-${index + 1}${type === 'message/rfc822' ? '.eml' : ''}`,
        type,
        contentId,
        inline: contentId !== undefined && shown.has(comparableId(contentId)),
        get content() {
          return attachment.content
        },
      }
    }),
    source: (most) => sourceText(content, most),
    problem: reason,
  }
}
