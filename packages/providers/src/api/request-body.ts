import type { RequestProgress } from './request-progress.ts'

/** How many octets are given to the connection at a time. */
const PIECE = 65_536
/** Node's `fetch` takes the length of a stream from its header. That of Deno writes chunks, which some providers refuse. */
const takesStreams = (): boolean =>
  typeof process !== 'undefined' && typeof process.versions?.undici === 'string'

/**
 * The body of a request, which tells how much of it was asked for. That happens when there is a connection, and not before.
 * In other runtimes than Node nothing is told: all of it may be written as soon as `fetch` is called.
 *
 * @param before called before the first octet; if it rejects, nothing is written
 */
export async function requestBody(
  bytes: Uint8Array,
  progress: RequestProgress,
  before: () => Promise<void>,
): Promise<Pick<RequestInit, 'body'> & { readonly duplex?: 'half' }> {
  if (!takesStreams()) {
    await before()
    progress.isBlind = true
    progress.reach('submit')
    progress.written = 'all'
    return { body: bytes as Uint8Array<ArrayBuffer> }
  }
  let at = 0
  const body = new ReadableStream(
    {
      // Of other streams, the first piece is read before there is a connection.
      type: 'bytes',
      async pull(controller) {
        progress.reach('submit')
        if (at === 0) await before()
        const piece = bytes.subarray(at, at + PIECE)
        at += piece.length
        progress.written = at < bytes.length ? 'part' : 'all'
        progress.onStage?.()
        // A copy: the stream takes its memory.
        controller.enqueue(Uint8Array.from(piece))
        if (at >= bytes.length) controller.close()
      },
    },
    { highWaterMark: 0 },
  )
  return { body, duplex: 'half' }
}
