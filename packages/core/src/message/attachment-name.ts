import type { Attachment } from './message.ts'

/** The name of an attachment in an error. */
export function attachmentName({ filename, contentId }: Attachment): string {
  if (filename !== undefined) return `the attachment ${JSON.stringify(filename)}`
  return contentId === undefined
    ? 'an attachment without a file name'
    : `the attachment with content id ${contentId}`
}
