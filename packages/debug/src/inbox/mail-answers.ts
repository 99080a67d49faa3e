import { create as contentDisposition } from 'content-disposition'
import type { MailList, StoredMail } from '../stores/mail-store.ts'
import { isShownSmall } from './attachments-view.ts'
import { answer, textAnswer, type Answer } from './answer.ts'
import { readMail } from './read-mail.ts'
import { safeHtml } from './safe-html.ts'

/**
 * The HTML of a message may only be shown: it has an origin of its own, no script runs in it, nothing is loaded, and links
 * open a new window.
 */
function framePolicy(remote: boolean): string {
  const elsewhere = remote ? ' http: https:' : ''
  return [
    "default-src 'none'",
    `img-src data:${elsewhere}`,
    `style-src 'unsafe-inline'${elsewhere}`,
    `font-src data:${elsewhere}`,
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'self'",
    'sandbox allow-popups allow-popups-to-escape-sandbox',
  ].join('; ')
}

/** What the page of a mail loads: `html`, `source`, `message.eml`, an attachment or an image. */
export async function mailAnswer(
  mail: StoredMail,
  what: string,
  number: number,
  isRemote: boolean,
): Promise<Answer> {
  switch (what) {
    case 'html':
      return frameAnswer(mail, isRemote)
    case 'source':
      return sourceAnswer(mail)
    case 'message.eml':
      return fileAnswer(mail)
    case 'attachments':
      return attachmentAnswer(mail, number)
    case 'images':
      return imageAnswer(mail, number)
    default:
      return textAnswer(404, 'There is no such page.')
  }
}

/** The HTML of a message, for its frame. */
async function frameAnswer(mail: StoredMail, remote: boolean): Promise<Answer> {
  const { html, attachments } = await readMail(mail)
  if (html === undefined) return textAnswer(404, 'This mail has no HTML.')
  const headers = { 'content-security-policy': framePolicy(remote), 'referrer-policy': 'no-referrer' }
  try {
    return answer(200, 'text/html; charset=utf-8', await safeHtml(html, attachments), headers)
  } catch (error) {
    // It is nested too deep, for example: the message is at fault, not the inbox.
    return textAnswer(422, `This HTML cannot be shown safely (${String(error)}). Look at its source instead.`)
  }
}

/** The message as it went over the wire, as text: its letters are those of the character sets that it declares. */
export async function sourceAnswer(mail: StoredMail): Promise<Answer> {
  if (!mail.content) return noSource(mail)
  const { sourceText } = await import('./source-text.ts')
  return answer(200, 'text/plain; charset=utf-8', sourceText(mail.content))
}

/** The message as a file that mail programs can open. */
function fileAnswer(mail: StoredMail): Answer {
  return mail.content ? download(mail.content, `${mail.subject.trim() || 'message'}.eml`) : noSource(mail)
}

/** The answer for a mail that does not exist or cannot be read. */
export function noMailAnswer(list: MailList, id: string): Answer {
  return textAnswer(404, whyNoMail(list, id))
}

/** Why there is no mail with this id. */
export function whyNoMail({ unreadable = [] }: MailList, id: string): string {
  const found = unreadable.find((each) => each.id === id)
  return found ? `This mail cannot be read: ${found.file}: ${found.reason}.` : 'There is no such mail.'
}

function noSource({ problem }: StoredMail): Answer {
  return textAnswer(404, `This mail has no source${problem === undefined ? '' : `: ${problem}`}.`)
}

export async function attachmentAnswer(mail: StoredMail, index: number): Promise<Answer> {
  const attachment = (await readMail(mail)).attachments[index]
  return attachment
    ? download(attachment.content, attachment.filename)
    : textAnswer(404, 'There is no such attachment.')
}

/** An image for the page, which shows it small. Opened by itself, it may do nothing. */
async function imageAnswer(mail: StoredMail, index: number): Promise<Answer> {
  const attachment = (await readMail(mail)).attachments[index]
  if (!attachment || !isShownSmall(attachment)) return textAnswer(404, 'There is no such image.')
  return answer(200, attachment.type.toLowerCase(), attachment.content, {
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
  })
}

/** The browser saves the file and never opens it, whatever its type. */
function download(content: Uint8Array, filename: string): Answer {
  // A name has no path separators, and a header no control characters (RFC 6266 section 4.3).
  // oxlint-disable-next-line no-control-regex
  const plain = filename.replaceAll(/[\0-\x1F\x7F/\\:*?"<>|]+/g, '-')
  const name = plain.slice(-150).toWellFormed()
  return answer(200, 'application/octet-stream', content, {
    'content-disposition': contentDisposition(name),
    'content-security-policy': "default-src 'none'; sandbox",
  })
}
