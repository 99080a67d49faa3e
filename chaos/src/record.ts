/** Every content of a test ends with these words and its id, so that the end of half a message is no end. */
export const END = 'end of '
/** Octets that are kept of the start and the end of a content. */
const KEPT = 4_096

/** The content of one message as a server gets it: its start and its end, that is all a judge needs. */
export class ReceivedContent {
  #head = Buffer.alloc(0)
  #tail = Buffer.alloc(0)
  octets = 0

  add(bytes: Buffer): void {
    this.octets += bytes.length
    if (this.#head.length < KEPT)
      this.#head = Buffer.concat([this.#head, bytes.subarray(0, KEPT - this.#head.length)])
    this.#tail =
      bytes.length >= KEPT
        ? Buffer.from(bytes.subarray(-KEPT))
        : Buffer.concat([this.#tail, bytes]).subarray(-KEPT)
  }

  /** What the header X-Id says. */
  get id(): string | undefined {
    return /^X-Id: (\S+)\r$/im.exec(this.#head.toString('latin1'))?.[1]
  }

  /** Whether it goes to its very end; that may be in an attachment, in base64. */
  get isWhole(): boolean {
    const lines = this.#tail.toString('latin1').trimEnd().split('\r\n')
    const closes = lines.at(-1)!.startsWith('--') && lines.at(-1)!.endsWith('--')
    // A long id stands on a line of its own, where text is wrapped.
    if (!closes) return lines.slice(-2).some((line) => line.startsWith(END))
    const encoded = lines.slice(-3, -1).filter((line) => /^[A-Za-z0-9+/]+=*$/.test(line))
    return Buffer.from(encoded.join(''), 'base64').toString('latin1').includes(END)
  }
}

/** What the servers have of one message. */
interface Taken {
  readonly copies: Map<string, number>
  contents: number
  /** How many of the contents end too early. */
  halves: number
}

/** What all servers took, whatever they said of it: message by message, how many copies for each recipient. */
export class ServerRecord {
  readonly #taken = new Map<string, Taken>()

  take(content: ReceivedContent, recipients: readonly string[]): void {
    this.takeAs(content.id ?? 'a message without an id', recipients, content.isWhole)
  }

  takeAs(id: string, recipients: readonly string[], isWhole: boolean): void {
    const taken = this.#taken.get(id) ?? { copies: new Map<string, number>(), contents: 0, halves: 0 }
    this.#taken.set(id, taken)
    taken.contents++
    if (!isWhole) taken.halves++
    for (const recipient of recipients) taken.copies.set(recipient, (taken.copies.get(recipient) ?? 0) + 1)
  }

  /** How many copies each recipient has; nobody has none. */
  copies(id: string): ReadonlyMap<string, number> {
    return this.#taken.get(id)?.copies ?? new Map<string, number>()
  }

  /** How often its content came. */
  contents(id: string): number {
    return this.#taken.get(id)?.contents ?? 0
  }

  halves(id: string): number {
    return this.#taken.get(id)?.halves ?? 0
  }
}
