import { readWebBody } from '@loudmail/core/transport'
import type { UnsubscribeLinks } from '../links/unsubscribe-links.ts'
import type { Body } from './confirmation.ts'
import { handlingOf, type UnsubscribeOptions } from './options.ts'
import { Receiver } from './receiver.ts'
import { limitsOf, readBefore } from './unsubscribe-error.ts'
import type { OnUnsubscribe } from './unsubscribing.ts'

/**
 * A handler for frameworks with the `Request` of the web platform: Hono, the app router of Next, Bun, Deno. It answers like
 * {@link unsubscribeHandler}.
 *
 * @throws MailError `config/invalid-config`
 */
export function unsubscribeWebHandler(
  links: UnsubscribeLinks,
  onUnsubscribe: OnUnsubscribe,
  options?: UnsubscribeOptions,
): (request: Request) => Promise<Response> {
  const handling = handlingOf('unsubscribeWebHandler()', links, onUnsubscribe, options)
  const receiver = new Receiver(handling)
  return async function unsubscribe(request) {
    const { status, headers, body } = await receiver.answer({
      method: request.method,
      url: request.url,
      header: (name) => request.headers.get(name) ?? undefined,
      read: () => webBody(request, handling.maxBytes, handling.bodyTimeoutMs),
    })
    return new Response(request.method === 'HEAD' ? null : body, { status, headers })
  }
}

async function webBody(request: Request, maxBytes: number, timeoutMs: number): Promise<Body> {
  if (request.bodyUsed) throw readBefore()
  const { body } = request
  return { octets: body ? await readWebBody(body, limitsOf(maxBytes, timeoutMs)) : new Uint8Array() }
}
