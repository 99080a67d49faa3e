import type { IncomingMessage } from 'node:http'
import type { Body } from './confirmation.ts'
import { cutOff, readBefore, tooLarge, tooSlow } from './unsubscribe-error.ts'

/** A request of Node, and what frameworks add to it. */
export interface NodeRequest extends IncomingMessage {
  /** The body as Nest keeps it with `rawBody: true`. */
  readonly rawBody?: unknown
  /** The body, or its fields as `express.urlencoded()` and others leave them. */
  readonly body?: unknown
}

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
  return { octets: await readOctets(request, maxBytes, timeoutMs) }
}

function octetsOf(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value
  return typeof value === 'string' ? Buffer.from(value) : undefined
}

function readOctets(request: NodeRequest, maxBytes: number, timeoutMs: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    let length = 0
    const timer = setTimeout(() => settle(() => reject(tooSlow(timeoutMs))), timeoutMs)
    const settle = (act: () => void): void => {
      clearTimeout(timer)
      request.off('data', onData).off('end', onEnd).off('error', onCut).off('close', onCut)
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
    const onCut = (): void => settle(() => reject(cutOff()))
    request.on('data', onData).on('end', onEnd).on('error', onCut).on('close', onCut)
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
