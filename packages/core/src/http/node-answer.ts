import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'

/** A request of `node:http` or `node:http2`, and what frameworks add to it. */
export type NodeRequest = (IncomingMessage | Http2ServerRequest) & {
  /** The body as Nest keeps it with `rawBody: true`. */
  readonly rawBody?: unknown
  /** The body as a parser left it. */
  readonly body?: unknown
}

/** A response of `node:http` or `node:http2`. */
export type NodeResponse = ServerResponse | Http2ServerResponse

/** What is answered. */
export interface HttpAnswer {
  /** The status code. */
  readonly status: number
  /** The header fields, apart from Content-Length. */
  readonly headers: Readonly<Record<string, string>>
  /** The content. */
  readonly body: string
}

/** A client of Node loses an answer that it is still reading when its stream is closed. */
const TIME_TO_READ_MS = 200

/** Answers a request, also if its body was not read to its end. If it is answered already, nothing happens. */
export function answerNode(
  request: NodeRequest,
  response: NodeResponse,
  { status, headers, body }: HttpAnswer,
): void {
  if (response.headersSent || response.destroyed) return
  response.statusCode = status
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  response.setHeader('content-length', Buffer.byteLength(body))
  const isRead = request.complete
  const stream = request.httpVersionMajor < 2 ? undefined : (response as Http2ServerResponse).stream
  // What is left of the body would be taken for the next request.
  if (!isRead && !stream) response.setHeader('connection', 'close')
  // Over HTTP/2, Node has ended the answer to HEAD already, and throws if something is written.
  if (request.method === 'HEAD') response.end()
  else response.end(body)
  // Over HTTP/2, the client is then asked to stop sending (RFC 9113 section 8.1), and the other requests go on.
  if (!isRead) stream?.once('finish', () => setTimeout(() => stream.close(), TIME_TO_READ_MS).unref())
}
