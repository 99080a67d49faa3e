import { summaryOf, failureOf } from '../../stores/mail-record.ts'
import type { MailList, MailSummary, StoredMail } from '../../stores/mail-store.ts'
import { readMail } from '../read-mail.ts'

/** A line of the list, with the addresses of more. */
function summaryJson(mail: MailSummary, base: string): object {
  const url = `${base}api/mails/${encodeURIComponent(mail.id)}`
  return { ...mail, url, pageUrl: `${base}?mail=${encodeURIComponent(mail.id)}` }
}

export function listJson({ mails, total, unreadable }: MailList, base: string): object {
  return { total, mails: mails.map((mail) => summaryJson(mail, base)), unreadable }
}

/** Everything that is known of a mail. Its attachments and its source have addresses of their own. */
export async function mailJson(mail: StoredMail, base: string): Promise<object> {
  const { transcript, error, problem, content } = mail
  const url = `${base}api/mails/${encodeURIComponent(mail.id)}`
  const read = await readMail(mail)
  return {
    ...summaryJson(summaryOf(mail), base),
    // A message that could not be built has no more than its beginning.
    text: content ? read.text : mail.text,
    html: read.html,
    headers: read.headers.map(({ name, value, decoded }) => ({ name, value: decoded ?? value, raw: value })),
    attachments: content
      ? read.attachments.map(({ filename, type, contentId, inline, content: bytes }, index) => ({
          filename,
          type,
          size: bytes.byteLength,
          contentId,
          inline,
          url: `${url}/attachments/${index}`,
        }))
      : mail.attachments.map((filename) => ({ filename })),
    sourceUrl: content ? `${url}/source` : undefined,
    problem: problem ?? read.problem,
    error: error && failureOf(error),
    transcript: transcript?.entries,
  }
}
