import {
  discardBody,
  octetsOf,
  readNodeBody,
  type BodyLimits,
  type NodeRequest,
} from '@loudmail/core/transport'
import { WebhookError } from '../webhook-error.ts'

/** @throws WebhookError `too-large` */
export function tooLarge(maxBytes: number): WebhookError {
  return new WebhookError(
    'too-large',
    `the body is longer than ${maxBytes} octets`,
    'Have the provider send fewer events at once, or raise maxBytes.',
  )
}

/** @throws WebhookError `raw-body` */
export function consumed(): WebhookError {
  return new WebhookError(
    'raw-body',
    'the body was read before the webhook handler got it, so its signature cannot be checked',
    'Mount the webhook before express.json() and other body parsers, or put express.raw({ type: "*/*" }) in front of it. In Nest: NestFactory.create(AppModule, { rawBody: true }), or MailWebhookModule. In Next: export const config = { api: { bodyParser: false } }.',
  )
}

function tooSlow(timeoutMs: number): WebhookError {
  return new WebhookError(
    'timeout',
    `the body did not arrive within ${timeoutMs} ms`,
    'Send it again, or raise bodyTimeoutMs.',
  )
}

/** Whether a Content-Encoding (RFC 9110 section 8.4) says so. */
export function isCompressed(encoding: string | null | undefined): boolean {
  return !/^\s*(?:identity)?\s*$/i.test(encoding ?? '')
}

/** @throws WebhookError `content-type` */
export function compressed(): WebhookError {
  return new WebhookError(
    'content-type',
    'the body is compressed (Content-Encoding), so its signature cannot be checked',
    'Have the provider, or the proxy in front of this program, send it as it is.',
  )
}

function cutOff(): WebhookError {
  return new WebhookError('malformed', 'the connection ended before the whole body arrived', 'Send it again.')
}

/** How a body is read, and what is thrown. */
export function limitsOf(maxBytes: number, timeoutMs: number): BodyLimits {
  const refuse: BodyLimits['refuse'] = (why) =>
    why === 'too-large' ? tooLarge(maxBytes) : why === 'timeout' ? tooSlow(timeoutMs) : cutOff()
  return { maxBytes, timeoutMs, refuse }
}

/**
 * The body as it was received.
 *
 * @throws WebhookError `too-large`, `timeout`, or `raw-body` if somebody has parsed it
 */
export async function nodeBody(
  request: NodeRequest,
  maxBytes: number,
  timeoutMs: number,
): Promise<Uint8Array> {
  const kept = octetsOf(request.rawBody) ?? octetsOf(request.body)
  if (kept) {
    if (kept.byteLength > maxBytes) throw tooLarge(maxBytes)
    return kept
  }
  if (request.readableDidRead || request.readableEnded || request.destroyed) {
    // A body of no octets is read as soon as somebody looks.
    if (request.headers['content-length'] === '0') return new Uint8Array()
    throw consumed()
  }
  if (isCompressed(request.headers['content-encoding'])) throw compressed()
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) {
    discardBody(request, maxBytes)
    throw tooLarge(maxBytes)
  }
  return readNodeBody(request, limitsOf(maxBytes, timeoutMs))
}
