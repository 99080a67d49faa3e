import { create as contentDisposition } from 'content-disposition'
import { isShownSmall } from './attachments-view.ts'
import { answer, textAnswer, type Answer } from './answer.ts'
import type { ReadAttachment } from './read-mail.ts'

/** An attachment as a file to save. */
export function savedAnswer(attachment: ReadAttachment | undefined): Answer {
  return attachment
    ? download(attachment.content, attachment.filename)
    : textAnswer(404, 'There is no such attachment.')
}

/** An image for the page, which shows it small. Opened by itself, it may do nothing. */
export function imageAnswer(attachment: ReadAttachment | undefined): Answer {
  if (!attachment || !isShownSmall(attachment)) return textAnswer(404, 'There is no such image.')
  return answer(200, attachment.type.toLowerCase(), attachment.content, {
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
  })
}

/** The browser saves the file and never opens it, whatever its type. */
export function download(content: Uint8Array, filename: string): Answer {
  // A name has no path separators, and a header no control characters (RFC 6266 section 4.3).
  // oxlint-disable-next-line no-control-regex
  const plain = filename.replaceAll(/[\0-\x1F\x7F/\\:*?"<>|]+/g, '-')
  const name = plain.slice(-150).toWellFormed()
  return answer(200, 'application/octet-stream', content, {
    'content-disposition': contentDisposition(name),
    'content-security-policy': "default-src 'none'; sandbox",
  })
}
