import type { ReadWebhook, WebhookRequest, WebhookSource } from '../webhook-source.ts'
import { checkNumber, checkOptions } from '@loudmail/core/transport'
import { WebhookError } from '../webhook-error.ts'
import { compressed, consumed, cutOff, isCompressed, tooLarge } from './node-body.ts'
import { checkSource, handlingOf, MOST_BYTES, type OnNews, type WebhookOptions } from './options.ts'
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
    const read = (): Promise<WebhookRequest> => webRequest(request, handling.maxBytes)
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
  options: Pick<WebhookOptions, 'maxBytes'> = {},
): Promise<ReadWebhook> {
  checkSource('readWebhook()', source)
  checkOptions(options, 'readWebhook()', { maxBytes: true })
  const { maxBytes = MOST_BYTES } = options
  checkNumber(maxBytes, 'readWebhook() maxBytes', 1, true)
  return await source.read(await webRequest(request, maxBytes), Date.now())
}

async function webRequest(request: Request, maxBytes: number): Promise<WebhookRequest> {
  if (request.bodyUsed) throw consumed()
  if (isCompressed(request.headers.get('content-encoding'))) throw compressed()
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge(maxBytes)
  const parts: Uint8Array[] = []
  let length = 0
  try {
    for await (const part of (request.body ?? []) as AsyncIterable<Uint8Array>) {
      length += part.byteLength
      if (length > maxBytes) throw tooLarge(maxBytes)
      parts.push(part)
    }
  } catch (error) {
    throw error instanceof WebhookError ? error : cutOff()
  }
  return { headers: Object.fromEntries(request.headers), body: Buffer.concat(parts) }
}
