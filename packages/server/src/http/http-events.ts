import type { HttpConnection } from './connection/http-connection.ts'
import type { HttpRequest } from './connection/http-request.ts'

/** The events of a running HTTP server. */
export interface HttpServerEvents {
  /** A client connected. */
  connection: HttpConnection
  /** The head of a request arrived: the request line and the headers. */
  head: HttpRequest
  /** A request came whole, and is about to be answered. */
  request: HttpRequest
  /** A connection ended, on either side. */
  close: HttpConnection
}
