import { comparableId, shownIds } from '../content-id.ts'
import type { ReadAttachment } from '../read-mail.ts'
import type { ShownPreview } from './shown-previews.ts'

/** The attachments of a rendered sample, as those of a mail. */
export function previewAttachments({ html = '', attachments }: ShownPreview): ReadAttachment[] {
  const shown = shownIds(html)
  return attachments.map(({ filename, contentType, contentId, bytes }, index) => ({
    filename: filename ?? `part-${index + 1}`,
    type: contentType,
    contentId,
    inline: contentId !== undefined && shown.has(comparableId(contentId)),
    content: bytes,
  }))
}
