import type { UnsubscribeLinks } from '../links/unsubscribe-links.ts'
import type { Body } from './confirmation.ts'
import { handlingOf, type UnsubscribeOptions } from './options.ts'
import { Receiver } from './receiver.ts'
import { cutOff, readBefore, tooLarge, tooSlow, type UnsubscribeError } from './unsubscribe-error.ts'
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
  return { octets: request.body ? await readOctets(request.body, maxBytes, timeoutMs) : new Uint8Array() }
}

async function readOctets(
  stream: ReadableStream<Uint8Array>,
  maxBytes: number,
  timeoutMs: number,
): Promise<Uint8Array> {
  const reader = stream.getReader()
  const parts: Uint8Array[] = []
  let length = 0
  let problem: UnsubscribeError | undefined
  const stop = (why: UnsubscribeError): void => {
    problem = why
    // A read that waits then ends.
    reader.cancel().catch(() => {})
  }
  const timer = setTimeout(() => stop(tooSlow(timeoutMs)), timeoutMs)
  try {
    for (;;) {
      const { value, done } = await reader.read()
      if (done) break
      length += value.byteLength
      if (length > maxBytes) stop(tooLarge(maxBytes))
      else parts.push(value)
    }
  } catch {
    throw cutOff()
  } finally {
    clearTimeout(timer)
  }
  if (problem) throw problem
  return Buffer.concat(parts)
}
