/** One line of a conversation: a command, a reply (its lines joined by LF), or content as `<n octets>`. */
export interface ConversationEntry {
  /** Milliseconds since the connection was opened. */
  readonly offsetMs: number
  readonly from: 'client' | 'server'
  /** Without the line end; at most 4,096 characters. */
  readonly text: string
  /** Whether it went over TLS. */
  readonly tls: boolean
  /** The verb in upper case, on command lines; lines that answer a challenge of AUTH have none. */
  readonly command?: string
  /** The size, on entries that stand for content. */
  readonly octets?: number
}

/** Everything one client said and was told. Live: it grows while the connection lasts. */
export interface ConnectionRecord {
  readonly id: number
  readonly openedAt: Date
  readonly closedAt?: Date
  readonly remotePort: number
  /** Whether TLS is on. */
  readonly tls: boolean
  /** The TLS protocol agreed on, such as `TLSv1.3`. */
  readonly tlsVersion?: string
  readonly entries: readonly ConversationEntry[]
  /** The lines the client sent, without content. */
  readonly lines: readonly string[]
  /** The verbs of the commands, in upper case, in order. */
  readonly commands: readonly string[]
  /** Octets the client sent inside TLS, if it is on. */
  readonly octetsReceived: number
  /** Every octet the client sent, when the server keeps `wire`. */
  readonly received: Buffer
  readonly authenticatedAs?: string
  /** What the client did that a `strict…` switch watches for. */
  readonly violations: readonly string[]
  /** A reset, a failed handshake: the first thing that went wrong below SMTP. */
  readonly error?: Error
}

const longestText = 4096

/** The server's side of a `ConnectionRecord`: the one that writes it. */
export class ConnectionLog implements ConnectionRecord {
  readonly id: number
  readonly openedAt = new Date()
  readonly remotePort: number
  readonly entries: ConversationEntry[] = []
  readonly violations: string[] = []
  tls = false
  octetsReceived = 0
  closedAt?: Date
  tlsVersion?: string
  authenticatedAs?: string
  error?: Error
  readonly #opened = performance.now()
  readonly #received: Buffer[] = []
  readonly #limit: number

  constructor(id: number, remotePort: number, limit: number) {
    this.id = id
    this.remotePort = remotePort
    this.#limit = limit
  }

  get lines(): string[] {
    const lines = this.entries.filter((entry) => entry.from === 'client' && entry.octets === undefined)
    return lines.map((entry) => entry.text)
  }

  get commands(): string[] {
    return this.entries.flatMap((entry) => entry.command ?? [])
  }

  get received(): Buffer {
    return Buffer.concat(this.#received)
  }

  /** Adds an entry and gives it back. */
  add(
    from: 'client' | 'server',
    text: string,
    more?: { command: string } | { octets: number },
  ): ConversationEntry {
    const kept = text.length > longestText ? text.slice(0, longestText) : text
    const entry = { offsetMs: performance.now() - this.#opened, from, text: kept, tls: this.tls, ...more }
    this.entries.push(entry)
    if (this.entries.length > this.#limit) this.entries.shift()
    return entry
  }

  /** Counts bytes as they came, and keeps them if asked. */
  receive(bytes: Buffer, keep: boolean): void {
    this.octetsReceived += bytes.length
    if (keep) this.#received.push(bytes)
  }

  /** Remembers the first error only: what follows is its consequence. */
  fail(error: Error): void {
    this.error ??= error
  }
}
