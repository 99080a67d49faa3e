import { MailError } from '@loudmail/core'
import { identify, unreadableContent, type Attachment } from '@loudmail/core/transport'
import type { PreviewAttachment } from './preview.ts'

/** How much of all files together is read, in octets: more than most servers take. */
const MOST_OCTETS = 25 * 1_024 * 1_024

/** A file with how it is shown. */
export interface ReadAttachment extends PreviewAttachment {
  readonly disposition: 'attachment' | 'inline'
}

/** @throws MailError `compose/attachment` if a file cannot be read */
export async function readAttachments(
  attachments: readonly Attachment[],
  signal: AbortSignal,
): Promise<{ readonly attachments: readonly ReadAttachment[]; readonly isCut: boolean }> {
  let left = MOST_OCTETS
  let isCut = false
  const read: ReadAttachment[] = []
  for (const attachment of attachments) {
    const { contentType, bytes, isWhole } = await readOne(attachment, left, signal)
    const { filename, contentId, disposition } = attachment
    read.push({ filename, contentType, contentId, disposition, bytes })
    left -= bytes.byteLength
    isCut ||= !isWhole
  }
  return { attachments: read, isCut }
}

interface One {
  readonly contentType: string
  readonly bytes: Uint8Array
  readonly isWhole: boolean
}

async function readOne(attachment: Attachment, most: number, signal: AbortSignal): Promise<One> {
  try {
    const { contentType, chunks } = await identify(attachment, attachment.open({ signal }))
    const parts: Uint8Array[] = []
    let octets = 0
    // Leaving the loop closes what is open.
    for await (const chunk of chunks) {
      parts.push(chunk.subarray(0, most - octets))
      octets += chunk.byteLength
      if (octets > most || signal.aborted) break
    }
    return { contentType, bytes: Buffer.concat(parts), isWhole: octets <= most }
  } catch (error) {
    const { reason, ...facts } = unreadableContent(error)
    const summary = MailError.is(error) ? reason : `an attachment could not be read: ${reason}`
    throw new MailError({ ...facts, summary })
  }
}
