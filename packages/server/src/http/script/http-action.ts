import type { HttpRequest } from '../connection/http-request.ts'

/** An answer to a request. Other keys, such as those of `providerAnswers`, are allowed and have no effect. */
export interface HttpAnswer {
  /** The status code, from 200 to 599. */
  readonly status: number
  /** The words behind the status code. @default what RFC 9110 calls this status */
  readonly reason?: string | undefined
  /** The headers. A list is written as several lines. Connection, Content-Length and Content-Type are added if they are missing. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>> | undefined
  /** A string or octets are written as they are, everything else as JSON. @default no body */
  readonly body?: unknown
  /** Write the body in chunks of this many octets (RFC 9112 section 7.1); `true` means 16. @default false */
  readonly chunked?: boolean | number | undefined
  /** Wait this many milliseconds before the answer. @default 0 */
  readonly delayMs?: number | undefined
  /** Write octet by octet, with this many milliseconds after each. @default 0 */
  readonly dripMs?: number | undefined
}

/** How the server leaves a connection: an end (`fin`), a TCP reset, or silence on an open connection. */
export type HttpEnding = 'fin' | 'reset' | 'stall'

/** What to do with a request. */
export type HttpAction =
  /** Answer it, when it has come whole. */
  | HttpAnswer
  /** Write only the first octets of the answer, then end the connection. @default then: 'fin' */
  | { readonly cutAt: number; readonly answer: HttpAnswer; readonly then?: HttpEnding | undefined }
  /**
   * Never answer. `true`: after reading the whole request. `'request'`: stop reading after the head, so that the client
   * cannot write a large body. `'connect'`: read nothing at all, not even a TLS handshake.
   */
  | { readonly stall: true | 'request' | 'connect' }
  /**
   * End the connection without an answer: as soon as it is open (with TLS: before the handshake), after the head, after
   * this many octets of the body, or after the body.
   */
  | {
      /** How it ends. */
      readonly close: 'fin' | 'reset'
      /** When it ends. @default 'body' */
      readonly after?: 'connect' | 'head' | 'body' | number | undefined
    }
  /** Write these octets instead of an answer, then end the connection. A string is UTF-8. @default then: 'fin' */
  | { readonly raw: string | Uint8Array; readonly then?: HttpEnding | undefined }
  /** Answer when only the head has come. `read`: read the body after that, and keep the connection. @default then: 'read' */
  | { readonly early: HttpAnswer; readonly then?: 'read' | HttpEnding | undefined }

/** Decides what to do with a request that has come whole. */
export type HttpActionFunction = (request: HttpRequest) => HttpAction | Promise<HttpAction>

/** One action for every request; a list, of which the last one stays; or a function of the request. */
export type HttpScript = HttpAction | HttpActionFunction | readonly (HttpAction | HttpActionFunction)[]
