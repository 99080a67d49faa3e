import type { MailList, StoredMail } from '../stores/mail-store.ts'
import { download, imageAnswer, savedAnswer } from './attachment-answers.ts'
import { answer, textAnswer, type Answer } from './answer.ts'
import { frameAnswer } from './frame-answer.ts'
import { readMail } from './read-mail.ts'

/** What the page of a mail loads: `html`, `source`, `message.eml`, an attachment or an image. */
export async function mailAnswer(
  mail: StoredMail,
  what: string,
  number: number,
  isRemote: boolean,
): Promise<Answer> {
  switch (what) {
    case 'html':
      return htmlAnswer(mail, isRemote)
    case 'source':
      return sourceAnswer(mail)
    case 'message.eml':
      return fileAnswer(mail)
    case 'attachments':
      return attachmentAnswer(mail, number)
    case 'images':
      return imageAnswer((await readMail(mail)).attachments[number])
    default:
      return textAnswer(404, 'There is no such page.')
  }
}

/** The HTML of a message, for its frame. */
async function htmlAnswer(mail: StoredMail, remote: boolean): Promise<Answer> {
  const { html, attachments } = await readMail(mail)
  return html === undefined
    ? textAnswer(404, 'This mail has no HTML.')
    : frameAnswer(html, attachments, remote)
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
  return savedAnswer((await readMail(mail)).attachments[index])
}
