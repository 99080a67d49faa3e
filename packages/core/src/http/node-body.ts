import type { Readable } from 'node:stream'

/** How a body is read. */
export interface BodyLimits {
  /** The most octets. */
  readonly maxBytes: number
  /** How long it may take, in ms. */
  readonly timeoutMs: number
  /** The error to throw. `cut-off`: the connection ended before the whole body arrived. */
  readonly refuse: (why: 'too-large' | 'timeout' | 'cut-off') => Error
}

/** Reads the body of a request of Node, within its limits. @throws what `refuse` returns */
export function readNodeBody(
  request: Readable,
  { maxBytes, timeoutMs, refuse }: BodyLimits,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    let length = 0
    const timer = setTimeout(() => settle(() => reject(refuse('timeout'))), timeoutMs)
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
          discardBody(request, maxBytes)
          reject(refuse('too-large'))
        })
    }
    const onEnd = (): void => settle(() => resolve(Buffer.concat(parts)))
    const onCut = (): void => settle(() => reject(refuse('cut-off')))
    request.on('data', onData).on('end', onEnd).on('error', onCut).on('close', onCut)
  })
}

/** Reads on for a while, so that a client that is still writing can read the answer. */
export function discardBody(request: Readable, maxBytes: number): void {
  let left = maxBytes
  request.on('data', (part: Buffer | string) => {
    left -= part.length
    if (left < 0) request.pause()
  })
  request.on('error', () => {})
}

/** The octets of a body that a parser left as it was received; undefined if this is something else. */
export function octetsOf(body: unknown): Uint8Array | undefined {
  if (body instanceof Uint8Array) return body
  return typeof body === 'string' ? Buffer.from(body) : undefined
}
