import { answerNode, type NodeRequest, type NodeResponse } from '@loudmail/core/transport'
import type { WebhookSource } from '../webhook-source.ts'
import { nodeBody } from './node-body.ts'
import { handlingOf, type OnNews, type WebhookOptions } from './options.ts'
import { Receiver } from './receiver.ts'

/** Answers a request. It never throws. */
export type WebhookHandler = (request: NodeRequest, response: NodeResponse) => void

/**
 * A handler for `node:http`, `node:http2`, Express, Next pages and everything else that has requests of Node:
 * `app.post('/hooks/resend', webhook(resendWebhook({ secret }), onNews))`. It reads the body itself, so mount it before body
 * parsers, or give it the body as it was received in `rawBody` or `body`.
 *
 * Answers: 200 when everything was handled, now or before; 4xx when nothing was believed; 500 when `onNews` failed, so that the
 * provider tells it again.
 *
 * @throws MailError `config/invalid-config`
 */
export function webhook(source: WebhookSource, onNews: OnNews, options?: WebhookOptions): WebhookHandler {
  const handling = handlingOf('webhook()', source, onNews, options)
  const receiver = new Receiver(handling)
  return function webhookHandler(request, response) {
    const read = async (): Promise<{ headers: NodeRequest['headers']; body: Uint8Array }> => ({
      headers: request.headers,
      body: await nodeBody(request, handling.maxBytes, handling.bodyTimeoutMs),
    })
    void receiver.answer(request.method, read).then((answer) => answerNode(request, response, answer))
  }
}
