import type { MailQuery, MailSummary } from './mail-store.ts'

/**
 * Finds the mails that match a query, the newest first.
 *
 * @param all the oldest first
 */
export function search<Mail extends MailSummary>(
  all: readonly Mail[],
  query: MailQuery = {},
): { mails: Mail[]; total: number } {
  const { search: words = '', limit = 100, before } = query
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean)
  const matching = wanted.length === 0 ? all : all.filter((mail) => isMatch(mail, wanted))
  const older = before === undefined ? matching : matching.filter(({ id }) => id < before)
  return { mails: older.toReversed().slice(0, limit), total: matching.length }
}

/** A mail that a program made without the fields of its type matches nothing, and hides no other. */
function isMatch(mail: MailSummary, words: readonly string[]): boolean {
  try {
    const text = searchedText(mail)
    return words.every((word) => text.includes(word))
  } catch {
    return false
  }
}

function searchedText(mail: MailSummary): string {
  const {
    from,
    to,
    cc = [],
    replyTo = [],
    envelope,
    subject,
    text,
    attachments,
    code = '',
    messageId = '',
  } = mail
  const addresses = [from, ...to, ...cc, ...replyTo, envelope.from, ...envelope.to]
  return [...addresses, subject, text, ...attachments, code, messageId].join('\n').toLowerCase()
}
