import type { IncomingMessage, ServerResponse } from 'node:http'
import { answer, redirect, textAnswer, type Answer } from '../answer.ts'
import { assetAnswer } from '../asset-answer.ts'
import { streamEvents } from '../events.ts'
import { mailAnswer } from '../mail-answers.ts'
import { noMessageView } from '../message-view.ts'
import { pageFrame, pagesView, type PageName } from '../page-frame.ts'
import type { Place } from '../place.ts'
import { entriesView } from './entries-view.ts'
import { ACTIONS, isAction, isStateError, type EntryAction } from './entry-action.ts'
import { entryContentView } from './entry-content-view.ts'
import { entryMail } from './entry-mail.ts'
import { entryView } from './entry-view.ts'
import { outboxApiAnswer } from './outbox-api.ts'
import { outboxQuery, outboxSearch, withEntry, type OutboxQuery } from './outbox-query.ts'
import { overviewView } from './overview-view.ts'
import { readEntries } from './read-entries.ts'
import type { ShownOutbox } from './shown-outbox.ts'
import { watchOutbox } from './watch-outbox.ts'

/** How many entries a page shows: each may hold several conversations. */
const PAGE_SIZE = 50

/** What there is beside the entries. */
interface Shows {
  /** The pages of the inbox that it belongs to. */
  readonly pages: readonly PageName[]
  /** The content of messages. */
  readonly content: boolean
}

/** Answers a request to the pages of an outbox, or to its API. Resolves to undefined if it has answered by itself. */
export async function outboxAnswer(
  outbox: ShownOutbox,
  request: IncomingMessage,
  response: ServerResponse,
  place: Place,
  shows: Shows,
): Promise<Answer | undefined> {
  const { pathname, parameters, needsSlash } = place
  const { method = '' } = request
  if (/^\/api(?:\/|$)/.test(pathname)) return outboxApiAnswer(outbox, method, place)
  const [, id, action] = /^\/entries\/([\w-]{1,100})\/([\w-]+)$/.exec(pathname) ?? []
  const isChange = id !== undefined && isAction(action)
  const methods = isChange ? ['POST'] : ['GET', 'HEAD']
  if (!methods.includes(method))
    return textAnswer(405, `Only ${methods.join(' and ')} can be used here.`, { allow: methods.join(', ') })
  if (isChange) return changeAnswer(outbox, id, action, parameters)
  if (needsSlash !== undefined) return redirect(needsSlash)
  if (pathname === '/') return pageAnswer(outbox, outboxQuery(parameters), shows)
  if (pathname === '/events' && method === 'GET')
    return streamEvents((tell) => watchOutbox(outbox, () => tell()), request, response)
  const [, mailId, what, number] =
    /^\/mails\/([\w-]{1,100})\/(\w+(?:\.eml)?)(?:\/(\d{1,6}))?$/.exec(pathname) ?? []
  if (mailId !== undefined && shows.content) {
    const mail = await entryMail(outbox, mailId)
    return mail
      ? mailAnswer(mail, what!, Number(number), parameters.get('remote') === '1')
      : textAnswer(404, 'There is no such content.')
  }
  if (/^\/[\w-]+\.\w+$/.test(pathname)) return assetAnswer(pathname.slice(1))
  return textAnswer(404, 'There is no such page.')
}

async function pageAnswer(
  outbox: ShownOutbox,
  query: OutboxQuery,
  { pages, content }: Shows,
): Promise<Answer> {
  const { state, before, mail } = query
  const [counts, page, entry] = await Promise.all([
    outbox.counts(),
    readEntries(outbox, state, before, PAGE_SIZE),
    mail === undefined ? undefined : outbox.get(mail),
  ])
  const isGone = mail !== undefined && !entry
  const isRead = entry && content && query.view === 'message'
  const message = isRead ? await entryContentView(outbox, entry.id, query) : undefined
  const open = entry
    ? entryView(entry, query, content && outbox.read !== undefined, message)
    : isGone
      ? noMessageView('This message is not in the outbox any more.')
      : overviewView(outbox.name, counts)
  const shown = pageFrame({
    title: 'Loudmail outbox',
    layout: mail === undefined ? 'listing outbox' : 'reading outbox',
    search: pagesView('outbox', pages),
    main: [entriesView(page, counts, query), open],
  })
  return answer(isGone ? 404 : 200, 'text/html; charset=utf-8', shown.toString())
}

/** Does what a person confirmed, and goes back to the page, which says what became of it. */
async function changeAnswer(
  outbox: ShownOutbox,
  id: string,
  action: EntryAction,
  parameters: URLSearchParams,
): Promise<Answer> {
  const isDone = await change(outbox, id, action, parameters.get('seen'))
  const query = withEntry(outboxQuery(parameters), id)
  return redirect(`../../${outboxSearch({ ...query, [isDone ? 'done' : 'late']: action })}`)
}

/** @param seen the `updatedAt` of the entry when the person decided, in ms since 1970: they know nothing of what came later */
async function change(
  outbox: ShownOutbox,
  id: string,
  action: EntryAction,
  seen: string | null,
): Promise<boolean> {
  const entry = await outbox.get(id)
  if (!entry || seen !== String(entry.updatedAt.getTime())) return false
  try {
    await ACTIONS[action].act(outbox, id)
    return true
  } catch (error) {
    if (isStateError(error)) return false
    throw error
  }
}
