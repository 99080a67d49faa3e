import type { IncomingMessage, ServerResponse } from 'node:http'
import { configError } from '@loudmail/core/transport'
import { answer, redirect, textAnswer, type Answer } from '../answer.ts'
import { assetAnswer } from '../asset-answer.ts'
import { streamEvents } from '../events.ts'
import { noMessageView } from '../message-view.ts'
import { pageFrame, pagesView, type PageName } from '../page-frame.ts'
import type { Place } from '../place.ts'
import { checkedLinks, checkLinksOf } from './checked-links.ts'
import { previewFile } from './preview-files.ts'
import { previewView } from './preview-view.ts'
import { previewsApiAnswer } from './previews-api.ts'
import { previewsListView } from './previews-list-view.ts'
import { previewsQuery, previewsUrl, type PreviewsQuery } from './previews-query.ts'
import { previewsWelcomeView } from './previews-welcome-view.ts'
import { sampleAt, samplesOf } from './sample-key.ts'
import type { ShownPreviews } from './shown-previews.ts'
import { watchPreviews } from './watch-previews.ts'

/** @throws MailError `config/invalid-config` if these are no previews */
export function checkPreviews(previews: ShownPreviews): void {
  if (typeof (previews as Partial<ShownPreviews>).show !== 'function')
    throw configError(
      'the previews option of inbox() must be what previews() from @loudmail/content/previews returns',
    )
}

/** Answers a request to the pages of the previews, or to their API. Resolves to undefined if it has answered by itself. */
export async function previewsAnswer(
  previews: ShownPreviews,
  request: IncomingMessage,
  response: ServerResponse,
  place: Place,
  pages: readonly PageName[],
): Promise<Answer | undefined> {
  const { pathname, parameters, needsSlash } = place
  const { method = '' } = request
  if (/^\/api(?:\/|$)/.test(pathname)) return previewsApiAnswer(previews, method, place)
  const isCheck = pathname === '/check'
  const methods = isCheck ? ['POST'] : ['GET', 'HEAD']
  if (!methods.includes(method))
    return textAnswer(405, `Only ${methods.join(' and ')} can be used here.`, { allow: methods.join(', ') })
  if (isCheck) return checkAnswer(previews, previewsQuery(parameters))
  if (needsSlash !== undefined) return redirect(needsSlash)
  if (pathname === '/') return pageAnswer(previews, previewsQuery(parameters), pages)
  if (pathname === '/events' && method === 'GET')
    return streamEvents((tell) => watchPreviews(previews, () => tell()), request, response)
  const [, key, what, number] = /^\/mails\/([^/]+\/[^/]+)\/(\w+)(?:\/(\d{1,6}))?$/.exec(pathname) ?? []
  const of = sampleAt(previews, key)
  if (of) return previewFile(previews, of, what!, Number(number), parameters)
  if (/^\/[\w-]+\.\w+$/.test(pathname)) return assetAnswer(pathname.slice(1))
  return textAnswer(404, 'There is no such page.')
}

async function pageAnswer(
  previews: ShownPreviews,
  query: PreviewsQuery,
  pages: readonly PageName[],
): Promise<Answer> {
  const of = sampleAt(previews, query.mail)
  const preview = of && (await previews.show(of.name, of.sample))
  const isGone = query.mail !== undefined && !preview
  const hasAxe = query.view === 'accessibility' && (await previews.axe()) !== undefined
  const open =
    of && preview
      ? previewView({ of, preview, checked: checkedLinks(previews, of.key, preview.html), hasAxe }, query)
      : isGone
        ? noMessageView('There is no such sample any more.')
        : previewsWelcomeView()
  const shown = pageFrame({
    title: 'Loudmail previews',
    layout: `${query.mail === undefined ? 'listing' : 'reading'} previews`,
    search: pagesView('previews', pages),
    main: [previewsListView(samplesOf(previews), query), open],
    script: 'previews.js',
  })
  return answer(isGone ? 404 : 200, 'text/html; charset=utf-8', shown.toString())
}

/** Checks the links, and goes back to the page, which says what was found. */
async function checkAnswer(previews: ShownPreviews, query: PreviewsQuery): Promise<Answer> {
  const of = sampleAt(previews, query.mail)
  if (!of) return textAnswer(404, 'There is no such sample any more.')
  await checkLinksOf(previews, of)
  return redirect(previewsUrl(query))
}
