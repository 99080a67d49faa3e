import type { MailStore, StoredMail } from '../stores/mail-store.ts'
import { answer, type Answer } from './answer.ts'
import type { Html } from './html.ts'
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
    ? await messageOrProblem(mail, query)
    : unreadable
      ? unreadableMailView(unreadable, query)
      : noMessageView(isGone ? 'This mail no longer exists.' : 'Choose a mail to read it.')
  return answer(isGone ? 404 : 200, 'text/html; charset=utf-8', page(list, message, query).toString())
}

async function messageOrProblem(mail: StoredMail, query: PageQuery): Promise<Html> {
  try {
    return messageView(mail, await readMail(mail), query)
  } catch (error) {
    return noMessageView(`This mail cannot be shown: ${String(error)}`)
  }
}
