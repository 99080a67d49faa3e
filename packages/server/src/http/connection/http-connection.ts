/** A connection to the server. It grows while the connection is open. */
export interface HttpConnection {
  /** Its number, from 1. */
  readonly id: number
  /** The port of the client. */
  readonly remotePort: number
  /** When the client connected. */
  readonly openedAt: Date
  /** When the connection ended; undefined while it is open. */
  readonly closedAt?: Date
  /** The TLS version in use, such as `TLSv1.3`; undefined without TLS. */
  readonly tlsVersion?: string
  /** The server name that the client asked for in its TLS handshake. */
  readonly serverName?: string
  /** How many requests began on it. */
  readonly requests: number
  /** How many octets the client sent; with TLS, counted inside it. */
  readonly octetsReceived: number
  /** The first thing that went wrong: a reset, a failed handshake, a request that is not HTTP, or an error of the script. */
  readonly error?: Error
}

/** An `HttpConnection` that the server writes. */
export class HttpConnectionLog implements HttpConnection {
  readonly id: number
  readonly remotePort: number
  readonly openedAt = new Date()
  closedAt?: Date
  tlsVersion?: string
  serverName?: string
  requests = 0
  octetsReceived = 0
  error?: Error

  constructor(id: number, remotePort: number) {
    this.id = id
    this.remotePort = remotePort
  }

  /** Remembers only the first error: later ones are its consequences. */
  fail(error: Error): void {
    this.error ??= error
  }
}
