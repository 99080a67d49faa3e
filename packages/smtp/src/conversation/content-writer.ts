import { dotStuff, dotStuffer, type Composed } from '@loudmail/mime'
import type { Exchange } from '@loudmail/core/transport'
import type { Link, Requester } from './link.ts'

/** Whose content it is. */
export interface ContentOwner extends Requester {
  readonly exchange: Exchange
  /** Nothing more may be written. */
  readonly cancelled: boolean
  /** The final reply is expected from now on. */
  expectFinal(): void
  /** All of it is put together. */
  contentWritten(): void
  /** It was cancelled in its middle. */
  contentStopped(): void
  /** It could not be read to its end. */
  contentFailed(error: unknown): void
  /** The next piece of it did not come in time. */
  contentStalled(): void
}

/** A stream whose first chunk was read, so that one that cannot be opened fails before anything is asked. */
export interface OpenedContent {
  readonly chunks: AsyncIterator<Buffer>
  readonly first: IteratorResult<Buffer>
}

/** Content up to this many octets goes out in one write. */
const SMALL = 65_536
/** What is larger goes in pieces of this many octets; streams have smaller ones of their own. */
const PIECE = 262_144
const DOT_CRLF = '.\r\n'

export async function openContent(composed: Composed): Promise<OpenedContent | undefined> {
  if (composed.bytes) return undefined
  const chunks = composed.chunks[Symbol.asyncIterator]()
  return { chunks, first: await chunks.next() }
}

/** Closes what was opened and is not read. */
export function discard(opened: OpenedContent | undefined): void {
  opened?.chunks.return?.().catch(() => {})
}

/** Whether content goes out in one write. */
export function isSmall({ bytes }: Composed): boolean {
  return bytes !== undefined && bytes.length <= SMALL
}

/** Writes the content of one message: after DATA with dots stuffed and a dot at its end, or in BDAT chunks (RFC 3030). */
export class ContentWriter {
  begun = false
  readonly #link: Link
  readonly #owner: ContentOwner
  readonly #content: Composed
  readonly #opened: OpenedContent | undefined
  readonly #chunking: boolean
  readonly #timeoutMs: number
  #slab: Buffer = Buffer.alloc(0)
  #chunksPending = 0
  #chunksAnswered: (() => void) | undefined
  /** Octets after DATA that are on their way and not yet in the transcript. */
  #octetsOut = 0

  constructor(
    link: Link,
    owner: ContentOwner,
    content: Composed,
    opened: OpenedContent | undefined,
    chunking: boolean,
    timeoutMs: number,
  ) {
    this.#link = link
    this.#owner = owner
    this.#content = content
    this.#opened = opened
    this.#chunking = chunking
    this.#timeoutMs = timeoutMs
  }

  write(): void {
    this.begun = true
    const { bytes } = this.#content
    if (bytes && isSmall(this.#content)) this.#writeWhole(bytes)
    else void this.#writePieces()
  }

  /** A chunk before the last was answered. */
  chunkAnswered(): void {
    if (--this.#chunksPending === 0) this.#chunksAnswered?.()
  }

  /** Nothing more is written: the transcript is told how far it came. */
  stopped(): void {
    if (!this.begun) discard(this.#opened)
    if (this.#octetsOut > 0) this.#note(`<${this.#octetsOut} octets>`)
    this.#octetsOut = 0
    this.#chunksAnswered?.()
  }

  #writeWhole(bytes: Buffer): void {
    if (this.#chunking) return this.#writeChunk(bytes, true)
    this.#link.write(dotStuff(bytes))
    this.#octetsOut = bytes.length
    this.#writeDot()
    this.#owner.expectFinal()
    this.#owner.contentWritten()
  }

  #writeDot(): void {
    this.#link.write(DOT_CRLF)
    this.#owner.exchange.endAt(this.#link.buffered)
    this.#note(`<${this.#octetsOut} octets>`)
    this.#note('.')
    this.#octetsOut = 0
  }

  #writeChunk(piece: Buffer, last: boolean): void {
    const command = `BDAT ${piece.length}${last ? ' LAST' : ''}`
    this.#link.write(`${command}\r\n`)
    this.#link.write(piece)
    this.#note(command)
    this.#note(`<${piece.length} octets>`)
    if (last) {
      this.#owner.exchange.endAt(this.#link.buffered)
      this.#owner.expectFinal()
      this.#owner.contentWritten()
    } else {
      this.#chunksPending++
      this.#link.expect({ requester: this.#owner, stage: 'body', step: 'chunk', index: 0 })
    }
  }

  async #writePieces(): Promise<void> {
    const link = this.#link
    try {
      const last = this.#chunking ? await this.#writeChunks() : await this.#writeStuffed()
      if (link.ended) return
      // Half a message must not be ended: closing the connection is the only way out.
      if (this.#owner.cancelled) return this.#owner.contentStopped()
      if (this.#chunking) this.#writeChunk(last, true)
      else {
        this.#writeDot()
        this.#owner.contentWritten()
      }
      link.progress()
      link.flush()
    } catch (error) {
      this.#owner.contentFailed(error)
    }
  }

  async #writeStuffed(): Promise<Buffer> {
    // From now on a reply may come: a server may refuse in the middle.
    this.#owner.expectFinal()
    const stuff = dotStuffer()
    for await (const piece of this.#pieces()) {
      this.#octetsOut += piece.length
      this.#link.write(stuff(piece))
      if (!(await this.#mayGoOn())) break
    }
    return Buffer.alloc(0)
  }

  /** Writes all but the last piece, and waits until they are answered: only the last can leave the message in doubt. */
  async #writeChunks(): Promise<Buffer> {
    let held: Buffer = Buffer.alloc(0)
    for await (const piece of this.#pieces()) {
      if (held.length > 0) {
        this.#writeChunk(held, false)
        if (!(await this.#mayGoOn())) break
      }
      held = this.#kept(piece)
    }
    if (this.#chunksPending > 0 && !this.#link.ended)
      await new Promise<void>((resolve) => (this.#chunksAnswered = resolve))
    return held
  }

  /** The memory of a stream's chunk is used again for the next: one that is still to be written needs its own. */
  #kept(piece: Buffer): Buffer {
    if (!this.#opened) return piece
    if (this.#slab.length < piece.length) this.#slab = Buffer.allocUnsafeSlow(piece.length)
    return this.#slab.subarray(0, piece.copy(this.#slab))
  }

  /** Waits until what was written may be overwritten. In between, a server that refuses in the middle is heard. */
  async #mayGoOn(): Promise<boolean> {
    await new Promise<void>((resolve) => this.#link.flush(resolve))
    await new Promise((resolve) => setImmediate(resolve))
    this.#link.progress()
    return !this.#link.ended && !this.#owner.cancelled
  }

  async *#pieces(): AsyncGenerator<Buffer> {
    const { bytes } = this.#content
    if (bytes) for (let at = 0; at < bytes.length; at += PIECE) yield bytes.subarray(at, at + PIECE)
    if (!this.#opened) return
    const { chunks, first } = this.#opened
    try {
      for (let next = first; !next.done; next = await this.#next(chunks)) yield next.value
    } finally {
      await chunks.return?.()
    }
  }

  /** After DATA a reply is pending, which has a time-out; between chunks none may be. */
  async #next(chunks: AsyncIterator<Buffer>): Promise<IteratorResult<Buffer>> {
    if (!this.#chunking) return chunks.next()
    const timer = setTimeout(() => this.#owner.contentStalled(), this.#timeoutMs).unref()
    try {
      return await chunks.next()
    } finally {
      clearTimeout(timer)
    }
  }

  #note(text: string): void {
    this.#link.recorder.note(this.#owner.entries, 'client', text)
  }
}
