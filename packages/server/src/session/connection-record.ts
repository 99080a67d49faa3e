/** One line of a conversation: a command, a reply (its lines joined by LF), or content as `<n octets>`. */
export interface ConversationEntry {
  /** Milliseconds since the connection was opened. */
  readonly offsetMs: number
  /** Who sent it. */
  readonly from: 'client' | 'server'
  /** Without the line end; at most 4,096 characters. */
  readonly text: string
  /** Whether it went over TLS. */
  readonly tls: boolean
  /** The verb in upper case, for command lines. Lines that answer an AUTH challenge have none. */
  readonly command?: string
  /** The size, for entries that replace content. */
  readonly octets?: number
}

/** Everything that one client sent and received. It grows while the connection is open. */
export interface ConnectionRecord {
  /** Its number, from 1. */
  readonly id: number
  /** When the client connected. */
  readonly openedAt: Date
  /** When the connection ended; undefined while it is open. */
  readonly closedAt?: Date
  /** The port of the client. */
  readonly remotePort: number
  /** Whether TLS is on. */
  readonly tls: boolean
  /** The TLS version in use, such as `TLSv1.3`. */
  readonly tlsVersion?: string
  /** The conversation, in order. */
  readonly entries: readonly ConversationEntry[]
  /** The lines that the client sent, without content. */
  readonly lines: readonly string[]
  /** The verbs of the commands, in upper case, in order. */
  readonly commands: readonly string[]
  /** How many octets the client sent; if TLS is on, counted inside it. */
  readonly octetsReceived: number
  /** Every octet that the client sent, if the server keeps `wire`. */
  readonly received: Buffer
  /** The user that logged in. */
  readonly authenticatedAs?: string
  /** What the client did wrong according to the `strict…` options. */
  readonly violations: readonly string[]
  /** The first thing that went wrong below SMTP, such as a reset or a failed handshake. */
  readonly error?: Error
}

const longestText = 4096

/** A `ConnectionRecord` that the server writes. */
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

  readonly #added: (entry: ConversationEntry) => void

  /** @param added is called for each new entry */
  constructor(id: number, remotePort: number, limit: number, added: (entry: ConversationEntry) => void) {
    this.#added = added
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

  /** Adds an entry and returns it. */
  add(
    from: 'client' | 'server',
    text: string,
    more?: { command: string } | { octets: number },
  ): ConversationEntry {
    const kept = text.length > longestText ? text.slice(0, longestText) : text
    const entry = { offsetMs: performance.now() - this.#opened, from, text: kept, tls: this.tls, ...more }
    this.entries.push(entry)
    if (this.entries.length > this.#limit) this.entries.shift()
    this.#added(entry)
    return entry
  }

  /** Counts received bytes, and keeps them if asked to. */
  receive(bytes: Buffer, keep: boolean): void {
    this.octetsReceived += bytes.length
    if (keep) this.#received.push(bytes)
  }

  /** Remembers only the first error: later ones are its consequences. */
  fail(error: Error): void {
    this.error ??= error
  }
}
