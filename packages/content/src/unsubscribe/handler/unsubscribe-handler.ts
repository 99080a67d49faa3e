import { answerNode, type NodeRequest, type NodeResponse } from '@loudmail/core/transport'
import type { UnsubscribeLinks } from '../links/unsubscribe-links.ts'
import { nodeBody } from './node-request.ts'
import { handlingOf, type UnsubscribeOptions } from './options.ts'
import { Receiver } from './receiver.ts'
import type { OnUnsubscribe } from './unsubscribing.ts'

/** Answers a request. It never throws. */
export type UnsubscribeHandler = (request: NodeRequest, response: NodeResponse) => void

/**
 * A handler for `node:http`, `node:http2`, Express, and everything else that has requests of Node:
 * `app.all('/unsubscribe', unsubscribeHandler(links, onUnsubscribe))`. It may stand before or behind body parsers.
 *
 * GET shows a page that asks, and unsubscribes nobody. POST unsubscribes: with `List-Unsubscribe=One-Click` from a mail program
 * (RFC 8058), or with the button of the page. Answers: 200 if it is done, 500 if `onUnsubscribe` failed, 4xx for everything
 * else. There is no redirect and no cookie.
 *
 * @throws MailError `config/invalid-config`
 */
export function unsubscribeHandler(
  links: UnsubscribeLinks,
  onUnsubscribe: OnUnsubscribe,
  options?: UnsubscribeOptions,
): UnsubscribeHandler {
  const handling = handlingOf('unsubscribeHandler()', links, onUnsubscribe, options)
  const receiver = new Receiver(handling)
  return function unsubscribe(request, response) {
    const { method, headers, url = '' } = request
    const answering = receiver.answer({
      method,
      url,
      header: (name) => [headers[name]].flat().at(0),
      read: () => nodeBody(request, handling.maxBytes, handling.bodyTimeoutMs),
    })
    void answering.then((answer) => answerNode(request, response, answer))
  }
}
