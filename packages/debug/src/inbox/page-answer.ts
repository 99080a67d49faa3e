import type { MailStore } from '../stores/mail-store.ts'
import { answer, type Answer } from './answer.ts'
import { PAGE_SIZE } from './list-view.ts'
import { messageView, noMessageView, unreadableMailView } from './message-view.ts'
import { page } from './page.ts'
import type { PageQuery } from './page-query.ts'
import { readMail } from './read-mail.ts'

/** The page with the list and the requested mail. */
export async function pageAnswer(store: MailStore, query: PageQuery): Promise<Answer> {
  const { search, before } = query
  const mail = query.mail === undefined ? undefined : await store.get(query.mail)
  const list = await store.list({ search, before, limit: PAGE_SIZE + 1 })
  const unreadable = list.unreadable?.find(({ id }) => id === query.mail)
  const isGone = query.mail !== undefined && !mail && !unreadable
  const message = mail
    ? messageView(mail, await readMail(mail), query)
    : unreadable
      ? unreadableMailView(unreadable, query)
      : noMessageView(isGone ? 'This mail no longer exists.' : 'Choose a mail to read it.')
  return answer(isGone ? 404 : 200, 'text/html; charset=utf-8', page(list, message, query).toString())
}
