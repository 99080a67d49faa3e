import { octetsOf, readNodeBody, type NodeRequest } from '@loudmail/core/transport'
import type { Body } from './confirmation.ts'
import { limitsOf, readBefore, tooLarge } from './unsubscribe-error.ts'

/**
 * The body, also if a parser has read it already.
 *
 * @throws UnsubscribeError `too-large`, `timeout`, `malformed`, or `read-before` if nobody left what was in it
 */
export async function nodeBody(request: NodeRequest, maxBytes: number, timeoutMs: number): Promise<Body> {
  const kept = octetsOf(request.rawBody) ?? octetsOf(request.body)
  if (kept) {
    if (kept.byteLength > maxBytes) throw tooLarge(maxBytes)
    return { octets: kept }
  }
  if (request.readableDidRead || request.readableEnded || request.destroyed) {
    const { body } = request
    if (typeof body === 'object' && body !== null) return { fields: body }
    // A body of no octets is read as soon as somebody looks.
    if (request.headers['content-length'] === '0') return { octets: new Uint8Array() }
    throw readBefore()
  }
  return { octets: await readNodeBody(request, limitsOf(maxBytes, timeoutMs)) }
}
