import type { MailQuery, MailSummary, StoredMail } from './mail-store.ts'

/** What is kept of a mail to find it. */
export type SearchedMail = MailSummary & Pick<StoredMail, 'searchText'>

/**
 * Finds the mails that match a query, the newest first.
 *
 * @param all the oldest first
 */
export function search<Mail extends SearchedMail>(
  all: readonly Mail[],
  query: MailQuery = {},
): { mails: Mail[]; total: number } {
  const { search: words = '', limit = 100, before, after, to, failed = false } = query
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean)
  const address = to?.trim().toLowerCase()
  const tests: ((mail: MailSummary) => boolean)[] = []
  if (failed) tests.push(({ state }) => state === 'failed')
  if (address !== undefined) tests.push((mail) => isTo(mail, address))
  if (wanted.length > 0) tests.push((mail) => isMatch(mail, wanted))
  const matching = tests.length === 0 ? all : all.filter((mail) => tests.every((test) => test(mail)))
  const older = before === undefined ? matching : matching.filter(({ id }) => id < before)
  const within = after === undefined ? older : older.filter(({ id }) => id > after)
  return { mails: within.toReversed().slice(0, limit), total: matching.length }
}

/** The headers matter where there is no envelope, because the message could not be built. */
function isTo({ envelope, to, cc = [] }: MailSummary, address: string): boolean {
  try {
    return [...envelope.to, ...[...to, ...cc].map(bareAddress)].some((each) => each.toLowerCase() === address)
  } catch {
    return false
  }
}

function bareAddress(mailbox: string): string {
  return /<([^<>]*)>$/.exec(mailbox)?.[1] ?? mailbox
}

/** A mail that a program made without the fields of its type matches nothing, and hides no other. */
function isMatch(mail: SearchedMail, words: readonly string[]): boolean {
  try {
    const text = searchedText(mail)
    const more = mail.searchText ?? ''
    return words.every((word) => text.includes(word) || more.includes(word))
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
