/** A request as it arrived. It grows until it is `complete`. */
export interface HttpRequest {
  /** Its number on this server, from 1. */
  readonly id: number
  /** The number of the connection that it came on, from 1. */
  readonly connection: number
  /** Whether it came over TLS. */
  readonly tls: boolean
  /** The method, such as `POST`. */
  readonly method: string
  /** The path and the query, as they were sent. */
  readonly target: string
  /** The path without the query, as it was sent. */
  readonly path: string
  /** The query. */
  readonly query: URLSearchParams
  /** The headers, with names in lower case. Headers of the same name are joined with a comma. */
  readonly headers: Readonly<Record<string, string>>
  /** The octets of the body that have arrived, without the framing of chunks. */
  readonly body: Buffer
  /** The body, parsed. Throws a SyntaxError if it is not JSON. */
  readonly json: unknown
  /** When its first octets arrived. */
  readonly beganAt: Date
  /** Whether it came whole. */
  readonly complete: boolean
  /** The status of the answer that was begun; undefined if there is none. */
  readonly answered?: number
}

/** The first lines of a request. */
export interface RequestHead {
  readonly method: string
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
}

/** An `HttpRequest` that the server writes. */
export class RequestLog implements HttpRequest {
  readonly id: number
  readonly connection: number
  readonly tls: boolean
  readonly method: string
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly beganAt: Date
  complete = false
  answered?: number
  #octets: Buffer[] = []
  #json: { value: unknown } | undefined

  constructor(id: number, connection: number, tls: boolean, beganAt: Date, head: RequestHead) {
    this.id = id
    this.connection = connection
    this.tls = tls
    this.beganAt = beganAt
    this.method = head.method
    this.target = head.target
    this.headers = head.headers
  }

  get path(): string {
    return this.target.split('?', 1)[0]!
  }

  get query(): URLSearchParams {
    return new URLSearchParams(this.target.slice(this.path.length + 1))
  }

  get body(): Buffer {
    if (this.#octets.length !== 1) this.#octets = [Buffer.concat(this.#octets)]
    return this.#octets[0]!
  }

  get json(): unknown {
    if (!this.complete) return JSON.parse(this.body.toString())
    this.#json ??= { value: JSON.parse(this.body.toString()) }
    return this.#json.value
  }

  /** Adds octets of the body. */
  add(octets: Buffer): void {
    this.#octets.push(octets)
  }
}
