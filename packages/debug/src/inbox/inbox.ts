import type { IncomingMessage, ServerResponse } from 'node:http'
import { checkOptions, configError } from '@loudmail/core/transport'
import { announceInbox, isInboxKnown } from '../capture-notice.ts'
import type { MailStore } from '../stores/mail-store.ts'
import { answer, redirect, textAnswer, type Answer } from './answer.ts'
import { apiAnswer } from './api/api-answer.ts'
import { problemAnswer } from './api/problem-answer.ts'
import { streamEvents } from './events.ts'
import { hostnameOf, refusal } from './guard.ts'
import {
  attachmentAnswer,
  fileAnswer,
  frameAnswer,
  imageAnswer,
  noMailAnswer,
  sourceAnswer,
} from './mail-answers.ts'
import { pageAnswer } from './page-answer.ts'
import { pageQuery } from './page-query.ts'

/** The options of {@link inbox}. */
export interface InboxOptions {
  /**
   * Host names under which the inbox answers, in addition to those of this machine (`localhost`, 127/8, ::1). With at
   * least one, it also answers other machines. `'*'` allows every name, and requests without one. @default []
   */
  readonly hosts?: '*' | readonly string[] | undefined
  /** The path of the inbox, if nothing removes it from the URL of the request, as Express and Nest do. @default '' */
  readonly path?: string | undefined
}

/** For `app.use('/mail', inbox(store))`, or `createServer(inbox(store))`. */
export type InboxHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  next?: (error?: unknown) => void,
) => void

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
  checkOptions(options, 'inbox()', { hosts: true, path: true })
  const { path = '' } = options
  const hosts = options.hosts === '*' ? ['*'] : (options.hosts ?? [])
  if (!Array.isArray(hosts) || hosts.some((host) => typeof host !== 'string'))
    throw configError("the hosts option of inbox() must be a list of host names, or '*' for every name")
  const names = hosts.map(hostnameOf)
  if (names.includes(''))
    throw configError("the hosts option of inbox() must be a list of host names, such as ['devbox.local']")
  if (typeof path !== 'string' || !/^(?:\/[^/?#]+)*$/.test(path))
    throw configError("the path option of inbox() must look like '/mail', without a slash at the end")
  return function inboxHandler(request, response, next) {
    const place = placeOf(request, path)
    if (!place) return next ? next() : send(response, request, textAnswer(404, 'There is no such page.'))
    const refused = refusal(request, names)
    const isApi = /^\/api(?:\/|$)/.test(place.pathname)
    const saying = isApi ? problemAnswer : textAnswer
    if (refused) return send(response, request, saying(403, refused))
    if (!isInboxKnown(store)) announceInbox(store, addressOf(request, place))
    const answering = async (): Promise<Answer | undefined> => {
      if (isApi) return apiAnswer(store, request, place, addressOf(request, place))
      if (place.pathname === '/events' && request.method === 'GET')
        return streamEvents(store, request, response)
      return answerTo(store, request.method ?? '', place)
    }
    answering()
      .catch((error: unknown) => saying(500, `The inbox could not answer: ${String(error)}`))
      .then((answered) => answered && send(response, request, answered))
      .catch((error: unknown) => response.destroy(error as Error))
  }
}

const BASE = 'http://localhost'

interface Place {
  /** The path within the inbox. */
  readonly pathname: string
  readonly parameters: URLSearchParams
  /** The address with a slash at its end; without it, links would lead to the wrong place. */
  readonly needsSlash: string | undefined
}

function placeOf(request: IncomingMessage & { originalUrl?: string }, path: string): Place | undefined {
  const url = URL.parse(request.url ?? '/', BASE)
  const original = URL.parse(request.originalUrl ?? request.url ?? '/', BASE)?.pathname
  if (!url || original === undefined) return undefined
  if (url.pathname !== path && !url.pathname.startsWith(`${path}/`)) return undefined
  const pathname = url.pathname.slice(path.length) || '/'
  const needsSlash =
    pathname === '/' && !original.endsWith('/') ? `${original.split('/').at(-1)}/${url.search}` : undefined
  return { pathname, parameters: url.searchParams, needsSlash }
}

/** The address of the inbox, as the browser has it. */
function addressOf(request: IncomingMessage & { originalUrl?: string }, { pathname }: Place): string {
  const { ':authority': authority = 'localhost', host = String(authority) } = request.headers
  const scheme = 'encrypted' in request.socket ? 'https' : 'http'
  const path = URL.parse(request.originalUrl ?? request.url ?? '/', BASE)!.pathname
  const base = path.endsWith(pathname) ? path.slice(0, -pathname.length) : path
  return `${scheme}://${host}${base}/`
}

async function answerTo(
  store: MailStore,
  method: string,
  { pathname, parameters, needsSlash }: Place,
): Promise<Answer> {
  const [, id, what, number] = /^\/mails\/([\w-]+)\/(\w+(?:\.eml)?)(?:\/(\d+))?$/.exec(pathname) ?? []
  const changes = pathname === '/clear' || what === 'delete'
  const methods = changes ? ['POST'] : ['GET', 'HEAD']
  if (!methods.includes(method))
    return textAnswer(405, `Only ${methods.join(' and ')} can be used here.`, { allow: methods.join(', ') })
  if (needsSlash !== undefined) return redirect(needsSlash)
  if (pathname === '/') return pageAnswer(store, pageQuery(parameters))
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
  switch (what) {
    case 'html':
      return frameAnswer(mail, parameters.get('remote') === '1')
    case 'source':
      return sourceAnswer(mail)
    case 'message.eml':
      return fileAnswer(mail)
    case 'attachments':
      return attachmentAnswer(mail, Number(number))
    case 'images':
      return imageAnswer(mail, Number(number))
    default:
      return textAnswer(404, 'There is no such page.')
  }
}

async function assetAnswer(name: string): Promise<Answer> {
  const { ASSETS } = await import('./assets.ts')
  const asset = Object.hasOwn(ASSETS, name) ? ASSETS[name] : undefined
  return asset ? answer(200, asset.type, asset.text) : textAnswer(404, 'There is no such page.')
}

function send(response: ServerResponse, request: IncomingMessage, { status, headers, body }: Answer): void {
  // A 204 has no content, and no length either (RFC 9110 section 8.6).
  const length = status === 204 ? {} : { 'content-length': String(Buffer.byteLength(body)) }
  response.writeHead(status, { ...headers, ...length })
  response.end(request.method === 'HEAD' ? undefined : body)
}
