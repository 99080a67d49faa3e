/** One request, as far as it is here. */
export interface ApiRequest {
  readonly headers: ReadonlyMap<string, string>
  readonly body: Buffer
}

const END_OF_HEAD = '\r\n\r\n'

/** Takes the octets of a connection apart into requests, each with a Content-Length. */
export class RequestReader {
  #buffer: Buffer = Buffer.alloc(0)
  #head: { readonly headers: ReadonlyMap<string, string>; readonly length: number } | undefined

  add(bytes: Buffer): void {
    this.#buffer = Buffer.concat([this.#buffer, bytes])
  }

  /** The head of a request is here, and not all of its body. */
  get isInBody(): boolean {
    this.#readHead()
    return this.#head !== undefined
  }

  /** How much of the body is here. */
  get octets(): number {
    return this.#head ? this.#buffer.length : 0
  }

  /** The next whole request; undefined if there is none yet. */
  next(): ApiRequest | undefined {
    this.#readHead()
    const head = this.#head
    if (!head || this.#buffer.length < head.length) return undefined
    const body = this.#buffer.subarray(0, head.length)
    this.#buffer = this.#buffer.subarray(head.length)
    this.#head = undefined
    return { headers: head.headers, body }
  }

  #readHead(): void {
    if (this.#head) return
    const end = this.#buffer.indexOf(END_OF_HEAD)
    if (end < 0) return
    const lines = this.#buffer.toString('latin1', 0, end).split('\r\n').slice(1)
    const headers = new Map(
      lines.map((line) => {
        const colon = line.indexOf(':')
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
      }),
    )
    this.#buffer = this.#buffer.subarray(end + END_OF_HEAD.length)
    this.#head = { headers, length: Number(headers.get('content-length') ?? 0) }
  }
}
