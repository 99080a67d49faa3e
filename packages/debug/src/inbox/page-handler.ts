import type { IncomingMessage, ServerResponse } from 'node:http'
import { callSafely, configError, thrownInWords } from '@loudmail/core/transport'
import { textAnswer, type Answer } from './answer.ts'
import { problemAnswer } from './api/problem-answer.ts'
import { hostnameOf, refusal, type PageNames } from './guard.ts'
import { placeOf, type Place } from './place.ts'

/** Whether whoever sends a request may see a page and use it. Only `true` lets them. A request of Express fits, too. */
export type Authorize = {
  /** As a method, it takes functions that ask for more than an IncomingMessage. */
  authorize(request: IncomingMessage): boolean | Promise<boolean>
}['authorize']

/** Who may open a page, and where it is. */
export interface PageOptions {
  /**
   * Host names under which the page answers, in addition to those of this machine (`localhost`, 127/8, ::1). With at
   * least one, it also answers other machines. `'*'` allows every name, and requests without one. @default []
   */
  readonly hosts?: '*' | readonly string[] | undefined
  /** The path of the page, if nothing removes it from the URL of the request, as Express and Nest do. @default '' */
  readonly path?: string | undefined
  /**
   * Asked for every request that `hosts` allows. Who may not is answered with 403. If it throws or rejects, nobody may.
   *
   * @default everybody may
   */
  readonly authorize?: Authorize | undefined
}

/** For `app.use('/mail', inbox(store))`, or `createServer(inbox(store))`. */
export type InboxHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  next?: (error?: unknown) => void,
) => void

/**
 * A request handler that asks `respond` only for requests that are allowed.
 *
 * @param respond resolves to undefined if it has answered by itself
 * @throws MailError `config/invalid-config`
 */
export function pageHandler(
  names: PageNames,
  options: PageOptions,
  respond: (request: IncomingMessage, response: ServerResponse, place: Place) => Promise<Answer | undefined>,
): InboxHandler {
  const owner = `${names.factory}()`
  const { path = '', authorize } = options
  const hosts = options.hosts === '*' ? ['*'] : (options.hosts ?? [])
  if (!Array.isArray(hosts) || hosts.some((host) => typeof host !== 'string'))
    throw configError(`the hosts option of ${owner} must be a list of host names, or '*' for every name`)
  const hostnames = hosts.map(hostnameOf)
  if (hostnames.includes(''))
    throw configError(`the hosts option of ${owner} must be a list of host names, such as ['devbox.local']`)
  if (typeof path !== 'string' || !/^(?:\/[^/?#]+)*$/.test(path))
    throw configError(`the path option of ${owner} must look like '/mail', without a slash at the end`)
  if (authorize !== undefined && typeof authorize !== 'function')
    throw configError(`the authorize option of ${owner} must be a function that returns true or false`)
  return function inboxHandler(request, response, next) {
    const place = placeOf(request, path)
    if (!place) return next ? next() : send(response, request, textAnswer(404, 'There is no such page.'))
    const saying = /^(?:\/(?:outbox|previews))?\/api(?:\/|$)/.test(place.pathname)
      ? problemAnswer
      : textAnswer
    const refused = refusal(request, hostnames, names)
    if (refused) return send(response, request, saying(403, refused))
    const answering = async (): Promise<Answer | undefined> => {
      const denied = authorize && (await denial(owner, authorize, request))
      return denied ? saying(...denied) : respond(request, response, place)
    }
    answering()
      .catch((error: unknown) => saying(500, `The ${names.page} could not answer: ${thrownInWords(error)}`))
      .then((answered) => answered && send(response, request, answered))
      .catch((error: unknown) => response.destroy(error as Error))
  }
}

/** What to answer to whoever may not see the page. The reason of a failure is for the log of the application only. */
async function denial(
  owner: string,
  authorize: Authorize,
  request: IncomingMessage,
): Promise<[status: number, text: string] | undefined> {
  let answered: unknown
  const isAnswered = await callSafely(`authorize of ${owner}`, async () => {
    answered = await authorize(request)
  })
  if (!isAnswered) return [500, 'It could not be decided whether you may see this page.']
  return answered === true ? undefined : [403, 'You may not see this page.']
}

function send(response: ServerResponse, request: IncomingMessage, { status, headers, body }: Answer): void {
  // A 204 has no content, and no length either (RFC 9110 section 8.6).
  const length = status === 204 ? {} : { 'content-length': String(Buffer.byteLength(body)) }
  response.writeHead(status, { ...headers, ...length })
  response.end(request.method === 'HEAD' ? undefined : body)
}
