import type { IncomingMessage } from 'node:http'
import { WebhookError } from '../webhook-error.ts'

/** A request of Node, and what frameworks add to it. */
export interface NodeRequest extends IncomingMessage {
  /** The body as Nest keeps it with `rawBody: true`. */
  readonly rawBody?: unknown
  /** The body as `express.raw()` and others read it. */
  readonly body?: unknown
}

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

/** @throws WebhookError `timeout` */
export function tooSlow(timeoutMs: number): WebhookError {
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

/** @throws WebhookError `malformed` */
export function cutOff(): WebhookError {
  return new WebhookError('malformed', 'the connection ended before the whole body arrived', 'Send it again.')
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
    discardRest(request, maxBytes)
    throw tooLarge(maxBytes)
  }
  return readBody(request, maxBytes, timeoutMs)
}

function octetsOf(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value
  return typeof value === 'string' ? Buffer.from(value) : undefined
}

function readBody(request: NodeRequest, maxBytes: number, timeoutMs: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    let length = 0
    const timer = setTimeout(() => settle(() => reject(tooSlow(timeoutMs))), timeoutMs)
    const settle = (act: () => void): void => {
      clearTimeout(timer)
      request.off('data', onData).off('end', onEnd).off('error', onError).off('close', onClose)
      act()
    }
    const onData = (part: Buffer | string): void => {
      const octets = typeof part === 'string' ? Buffer.from(part) : part
      length += octets.byteLength
      if (length <= maxBytes) parts.push(octets)
      else
        settle(() => {
          discardRest(request, maxBytes)
          reject(tooLarge(maxBytes))
        })
    }
    const onEnd = (): void => settle(() => resolve(Buffer.concat(parts)))
    const onError = (): void => settle(() => reject(cutOff()))
    const onClose = (): void => settle(() => reject(cutOff()))
    request.on('data', onData).on('end', onEnd).on('error', onError).on('close', onClose)
  })
}

/** Reads on for a while, so that a client that is still writing can read the answer. */
function discardRest(request: NodeRequest, maxBytes: number): void {
  let left = maxBytes
  request.on('data', (part: Buffer | string) => {
    left -= part.length
    if (left < 0) request.pause()
  })
  request.on('error', () => {})
}
