import { thrownInWords } from '@loudmail/core/transport'
import type { MailStore, StoredMail } from '../stores/mail-store.ts'
import { answer, type Answer } from './answer.ts'
import type { Html } from './html.ts'
import { MOST_ON_PAGE } from './list-view.ts'
import { messageView, noMessageView, unreadableMailView } from './message-view.ts'
import { page } from './page.ts'
import type { PageName } from './page-frame.ts'
import type { PageQuery } from './page-query.ts'
import { readMail } from './read-mail.ts'
import { markSeen, seenMails } from './seen.ts'
import { welcomeView } from './welcome-view.ts'

/** The page with the list and the requested mail. */
export async function pageAnswer(
  store: MailStore,
  query: PageQuery,
  pages: readonly PageName[],
): Promise<Answer> {
  const { search, before, failed } = query
  const mail = query.mail === undefined ? undefined : await store.get(query.mail)
  const list = await store.list({ search, before, failed, limit: MOST_ON_PAGE + 1 })
  const unreadable = list.unreadable?.find(({ id }) => id === query.mail)
  const isGone = query.mail !== undefined && !mail && !unreadable
  const isEmpty = list.total === 0 && search === '' && !failed
  if (mail) markSeen(store, mail.id)
  const message = mail
    ? await messageOrProblem(mail, query)
    : unreadable
      ? unreadableMailView(unreadable, query)
      : isEmpty && !isGone
        ? welcomeView()
        : noMessageView(isGone ? 'This mail no longer exists.' : 'Choose a mail to read it.')
  const shown = page({ list, query, seen: seenMails(store), isEmpty, pages }, message)
  return answer(isGone ? 404 : 200, 'text/html; charset=utf-8', shown.toString())
}

async function messageOrProblem(mail: StoredMail, query: PageQuery): Promise<Html> {
  try {
    return messageView(mail, await readMail(mail), query)
  } catch (error) {
    return noMessageView(`This mail cannot be shown: ${thrownInWords(error)}`)
  }
}
