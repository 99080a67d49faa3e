import type { ReadWebhook, WebhookRequest, WebhookSource } from '../webhook-source.ts'
import { checkNumber, checkOptions, readWebBody } from '@loudmail/core/transport'
import { compressed, consumed, isCompressed, limitsOf, tooLarge } from './node-body.ts'
import {
  bodyTimeoutOf,
  checkSource,
  handlingOf,
  MOST_BYTES,
  type OnNews,
  type WebhookOptions,
} from './options.ts'
import { Receiver } from './receiver.ts'

/**
 * A handler for frameworks with the `Request` of the web platform: Hono, the app router of Next, Bun, Deno. It answers like
 * {@link webhook}.
 *
 * @throws MailError `config/invalid-config`
 */
export function handleWebRequest(
  source: WebhookSource,
  onNews: OnNews,
  options?: WebhookOptions,
): (request: Request) => Promise<Response> {
  const handling = handlingOf('handleWebRequest()', source, onNews, options)
  const receiver = new Receiver(handling)
  return async function webhookHandler(request) {
    const read = (): Promise<WebhookRequest> => webRequest(request, handling.maxBytes, handling.bodyTimeoutMs)
    const { status, headers, body } = await receiver.answer(request.method, read)
    return new Response(body, { status, headers })
  }
}

/**
 * Checks and reads one request, for those who want to answer it themselves. It remembers nothing: what a provider tells twice is
 * read twice, and a copy of a request is read, too, while its signature is fresh.
 *
 * @throws WebhookError, and MailError `config/invalid-config`
 */
export async function readWebhook(
  source: WebhookSource,
  request: Request,
  options: Pick<WebhookOptions, 'maxBytes' | 'bodyTimeoutMs'> = {},
): Promise<ReadWebhook> {
  checkSource('readWebhook()', source)
  checkOptions(options, 'readWebhook()', { maxBytes: true, bodyTimeoutMs: true })
  const { maxBytes = MOST_BYTES } = options
  checkNumber(maxBytes, 'readWebhook() maxBytes', 1, true)
  const bodyTimeoutMs = bodyTimeoutOf('readWebhook()', options)
  return await source.read(await webRequest(request, maxBytes, bodyTimeoutMs), Date.now())
}

async function webRequest(request: Request, maxBytes: number, timeoutMs: number): Promise<WebhookRequest> {
  if (request.bodyUsed) throw consumed()
  if (isCompressed(request.headers.get('content-encoding'))) throw compressed()
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge(maxBytes)
  const body = request.body ? await readWebBody(request.body, limitsOf(maxBytes, timeoutMs)) : Buffer.alloc(0)
  return { headers: Object.fromEntries(request.headers), body }
}
