import type { IncomingMessage } from 'node:http'
import { checkOptions, configError } from '@loudmail/core/transport'
import { announceInbox, isInboxKnown } from '../capture-notice.ts'
import type { MailStore } from '../stores/mail-store.ts'
import { redirect, textAnswer, type Answer } from './answer.ts'
import { apiAnswer } from './api/api-answer.ts'
import { assetAnswer } from './asset-answer.ts'
import { streamEvents } from './events.ts'
import { mailAnswer, noMailAnswer } from './mail-answers.ts'
import { outboxAnswer } from './outbox/outbox-answer.ts'
import { checkOutbox } from './outbox/outbox-page.ts'
import type { ShownOutbox } from './outbox/shown-outbox.ts'
import { pageAnswer } from './page-answer.ts'
import type { PageName } from './page-frame.ts'
import { pageHandler, type InboxHandler, type PageOptions } from './page-handler.ts'
import { pageQuery } from './page-query.ts'
import type { Place } from './place.ts'
import { checkPreviews, previewsAnswer } from './previews/previews-answer.ts'
import type { ShownPreviews } from './previews/shown-previews.ts'

/** The options of {@link inbox}. */
export interface InboxOptions extends PageOptions {
  /** Shows this outbox as well, on a page of its own. It needs `authorize`, because it can send mail again. @default none */
  readonly outbox?: ShownOutbox | undefined
  /** Shows templates with sample data as well, on a page of its own: `previews()` of `@loudmail/content/previews`. @default none */
  readonly previews?: ShownPreviews | undefined
}

/**
 * A page that shows a store, as a request handler: what was sent, what failed and why, live. It answers only this machine
 * unless `hosts` says otherwise.
 *
 * @throws MailError `config/invalid-config`
 */
export function inbox(store: MailStore, options: InboxOptions = {}): InboxHandler {
  if (typeof (store as MailStore | undefined)?.list !== 'function')
    throw configError(
      'inbox() needs a store: inbox(memoryStore()), or inbox(transport.store) for a debug transport',
    )
  checkOptions(options, 'inbox()', { hosts: true, path: true, authorize: true, outbox: true, previews: true })
  const { outbox, previews, ...access } = options
  if (outbox) checkOutbox('inbox', outbox, access.authorize)
  if (previews) checkPreviews(previews)
  const pages: PageName[] = [
    'mails',
    ...(outbox ? (['outbox'] as const) : []),
    ...(previews ? (['previews'] as const) : []),
  ]
  return pageHandler(
    { page: 'inbox', factory: 'inbox', subject: 'store' },
    access,
    async (request, response, place) => {
      const { pathname, base } = place
      if (!isInboxKnown(store)) announceInbox(store, base)
      if (outbox && /^\/outbox(?:\/|$)/.test(pathname))
        return outboxAnswer(outbox, request, response, placeBelow('outbox', place), { pages, content: true })
      if (previews && /^\/previews(?:\/|$)/.test(pathname))
        return previewsAnswer(previews, request, response, placeBelow('previews', place), pages)
      if (/^\/api(?:\/|$)/.test(pathname)) return apiAnswer(store, request, place)
      if (pathname !== '/events' || request.method !== 'GET') return answerTo(store, request, place, pages)
      const subscribe = (tell: (added?: string) => void): (() => void) =>
        store.subscribe((event) => tell(event.type === 'added' ? event.mail.subject : undefined))
      return streamEvents(subscribe, request, response)
    },
  )
}

function placeBelow(page: PageName, { pathname, parameters, base }: Place): Place {
  const own = pathname.slice(page.length + 1)
  const needsSlash = own === '' ? `${page}/?${parameters.toString()}` : undefined
  return { pathname: own || '/', parameters, base: `${base}${page}/`, needsSlash }
}

async function answerTo(
  store: MailStore,
  { method = '' }: IncomingMessage,
  { pathname, parameters, needsSlash }: Place,
  pages: readonly PageName[],
): Promise<Answer> {
  const [, id, what, number] = /^\/mails\/([\w-]+)\/(\w+(?:\.eml)?)(?:\/(\d+))?$/.exec(pathname) ?? []
  const changes = pathname === '/clear' || what === 'delete'
  const methods = changes ? ['POST'] : ['GET', 'HEAD']
  if (!methods.includes(method))
    return textAnswer(405, `Only ${methods.join(' and ')} can be used here.`, { allow: methods.join(', ') })
  if (needsSlash !== undefined) return redirect(needsSlash)
  if (pathname === '/') return pageAnswer(store, pageQuery(parameters), pages)
  if (pathname === '/clear') {
    await store.clear()
    return redirect('./')
  }
  if (/^\/[\w-]+\.\w+$/.test(pathname)) return assetAnswer(pathname.slice(1))
  if (id === undefined) return textAnswer(404, 'There is no such page.')
  if (what === 'delete') {
    await store.delete(id)
    return redirect('../../')
  }
  const mail = await store.get(id)
  if (!mail) return noMailAnswer(await store.list({ limit: 0 }), id)
  return mailAnswer(mail, what ?? '', Number(number), parameters.get('remote') === '1')
}
