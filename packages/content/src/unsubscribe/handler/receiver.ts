import { callSafely, type HttpAnswer } from '@loudmail/core/transport'
import { refused, shown } from './answer.ts'
import { checkContentType, isOneClick, type Body } from './confirmation.ts'
import type { Handling } from './options.ts'
import { checkedTexts, defaultPage, viewOf, type UnsubscribeView } from './page.ts'
import type { UnsubscribeReport } from './report.ts'
import { UnsubscribeError } from './unsubscribe-error.ts'

/** A request, whatever web server it came through. */
export interface UnsubscribeRequest {
  readonly method: string | undefined
  /** The path and the query, or the whole URL. */
  readonly url: string
  readonly header: (name: string) => string | undefined
  /** Reads the body, after everything else is checked. */
  readonly read: () => Promise<Body>
}

/** No mail program waits for longer. */
const LONGEST_MS = 30_000

/** Answers requests: GET asks, and only POST unsubscribes. */
export class Receiver {
  readonly #handling: Handling

  constructor(handling: Handling) {
    this.#handling = handling
  }

  /** Never rejects. */
  async answer(request: UnsubscribeRequest): Promise<HttpAnswer> {
    const { method, url } = request
    if (method !== 'GET' && method !== 'HEAD' && method !== 'POST')
      return this.#refuse(
        new UnsubscribeError('method', 'this method is not answered here', 'Use GET for the page, or POST.'),
      )
    const subscription = this.#handling.links.read(url)
    const show = (state: UnsubscribeView['state'], status: number): Promise<HttpAnswer> =>
      this.#show(viewOf(state, subscription, request.header('accept-language')), status)
    if (!subscription) {
      const { status } = this.#refuse(
        new UnsubscribeError('token', 'the link is cut off, or was not made here', 'Use the whole link.'),
      )
      return show('invalid', status)
    }
    // Scanners follow the links of a mail: that must unsubscribe nobody (RFC 8058 section 3.2).
    if (method !== 'POST') return show('ask', 200)
    let oneClick: boolean
    try {
      oneClick = await confirmed(request)
    } catch (error) {
      if (error instanceof UnsubscribeError) return this.#refuse(error)
      this.#report({ kind: 'failed', error, status: 500 })
      return show('failed', 500)
    }
    const unsubscribing = { ...subscription, oneClick }
    try {
      await settled(this.#handling.onUnsubscribe(unsubscribing))
    } catch (error) {
      this.#report({ kind: 'failed', error, unsubscribing, status: 500 })
      return show('failed', 500)
    }
    return show('done', 200)
  }

  #refuse(error: UnsubscribeError): HttpAnswer {
    this.#report({ kind: 'refused', error, status: error.status })
    return refused(error)
  }

  /** A page that cannot be made changes nothing about what was done. */
  async #show(view: UnsubscribeView, status: number): Promise<HttpAnswer> {
    const { page, texts } = this.#handling
    try {
      if (page) return shown(status, asHtml(await page(view)))
      const chosen = typeof texts === 'function' ? checkedTexts(texts(view), 'texts') : texts
      return shown(status, defaultPage(view, chosen))
    } catch (error) {
      this.#report({ kind: 'page', error, status })
      return shown(status, defaultPage(view))
    }
  }

  /** Nothing is lost if `onProblem` fails. */
  #report(report: UnsubscribeReport): void {
    const { onProblem, warn } = this.#handling
    const heard = callSafely('onProblem of an unsubscribe handler', () => onProblem(report))
    void Promise.resolve(heard).then((isHeard) => isHeard || warn(report))
  }
}

/** @throws what `taking` rejects with, or an Error if it takes too long: nobody would hear of it otherwise */
async function settled(taking: unknown): Promise<void> {
  const late = Promise.withResolvers<never>()
  const error = new Error(`onUnsubscribe has not settled after ${LONGEST_MS} ms`)
  const timer = setTimeout(late.reject, LONGEST_MS, error)
  try {
    await Promise.race([taking, late.promise])
  } finally {
    clearTimeout(timer)
  }
}

async function confirmed({ header, read }: UnsubscribeRequest): Promise<boolean> {
  const type = header('content-type')
  checkContentType(type, header('content-encoding'))
  return isOneClick(await read(), type!)
}

function asHtml(page: unknown): string {
  if (typeof page !== 'string') throw new TypeError('page must return HTML as a string')
  return page
}
