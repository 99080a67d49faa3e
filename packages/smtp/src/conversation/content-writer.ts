import { dotStuff, dotStuffer, type Composed } from '@loudmail/mime'
import { MailError } from '@loudmail/core'
import type { Exchange } from '@loudmail/core/transport'
import type { Link, Requester } from './link.ts'

/** The message that owns the content. */
export interface ContentOwner extends Requester {
  readonly exchange: Exchange
  /** Nothing more may be written. */
  readonly cancelled: boolean
  /** The final reply is expected from now on. */
  expectFinal(): void
  /** All of the content is in the link's buffer. */
  contentWritten(): void
  /** The content was cancelled before its end. */
  contentStopped(): void
  /** The content could not be read to its end. */
  contentFailed(error: unknown): void
  /** The next piece of the content did not arrive in time. */
  contentStalled(): void
}

/** How content is sent. */
export interface ContentWay {
  /** In BDAT chunks (RFC 3030), without DATA. */
  readonly chunking: boolean
  /** The server has not yet taken a chunk on this connection. */
  readonly firstChunk: boolean
  /** How long the next piece of a stream may take, in ms. */
  readonly timeoutMs: number
  /** Called and awaited before the first octet of the content is written. */
  readonly beforeTransmission: (() => Promise<void>) | undefined
}

/** A stream whose first chunk was read, so that a stream that cannot be opened fails before MAIL. */
export interface OpenedContent {
  readonly chunks: AsyncIterator<Buffer>
  readonly first: IteratorResult<Buffer>
}

/** Content of up to this many octets goes out in one write. */
const SMALL = 65_536
/** Larger content goes out in pieces of this many octets; streams have their own, smaller pieces. */
const PIECE = 262_144
/** A line that an SMTP server could take for a command of a transaction. */
const COMMAND = /^(?:mail|rcpt|data|bdat|send|soml|saml)\b/im
const DOT_CRLF = '.\r\n'

export async function openContent(composed: Composed): Promise<OpenedContent | undefined> {
  if (composed.bytes) return undefined
  const chunks = composed.chunks[Symbol.asyncIterator]()
  return { chunks, first: await chunks.next() }
}

/** Closes a stream that was opened and will not be read. */
export function discard(opened: OpenedContent | undefined): void {
  opened?.chunks.return?.().catch(() => {})
}

/** Whether content goes out in one write. */
export function isSmall({ bytes }: Composed): boolean {
  return bytes !== undefined && bytes.length <= SMALL
}

/** Writes the content of one message: after DATA with dot-stuffing and a final dot, or in BDAT chunks (RFC 3030). */
export class ContentWriter {
  begun = false
  /** It waits for `beforeTransmission`. */
  isWaiting = false
  readonly #link: Link
  readonly #owner: ContentOwner
  readonly #content: Composed
  readonly #opened: OpenedContent | undefined
  readonly #way: ContentWay
  #slab: Buffer = Buffer.alloc(0)
  #chunksPending = 0
  #chunksAnswered: (() => void) | undefined
  #finalExpected = false
  /** Octets written after DATA that are not yet in the transcript. */
  #octetsOut = 0

  constructor(
    link: Link,
    owner: ContentOwner,
    content: Composed,
    opened: OpenedContent | undefined,
    way: ContentWay,
  ) {
    this.#link = link
    this.#owner = owner
    this.#content = content
    this.#opened = opened
    this.#way = way
  }

  write(): void {
    this.begun = true
    if (this.#way.beforeTransmission) void this.#announce(this.#way.beforeTransmission)
    else this.#write()
  }

  /** If the connection is lost meanwhile, or the caller gives up, nothing is written, whatever comes of it. */
  async #announce(beforeTransmission: () => Promise<void>): Promise<void> {
    const link = this.#link
    this.isWaiting = true
    // The server may close the connection now, and say why.
    if (!this.#way.chunking) this.#expectFinal()
    try {
      await this.#inTime(beforeTransmission)
    } catch (cause) {
      if (!link.ended) this.#owner.contentFailed(MailError.is(cause) ? cause : announcingFailed(cause))
      return
    }
    // The owner has stopped already, or is stopped once the others have their last replies.
    if (link.ended || link.closing || this.#owner.cancelled) return
    this.isWaiting = false
    link.progress()
    this.#write()
  }

  #write(): void {
    const { bytes } = this.#content
    if (bytes && isSmall(this.#content) && !this.#mustAsk(bytes)) this.#writeWhole(bytes)
    else void this.#writePieces()
  }

  /**
   * A server that does not know BDAT takes the content for commands. So the first chunk on a connection is only the first
   * line of the header, unless the content is small and harmless.
   */
  #mustAsk(bytes: Buffer): boolean {
    const { chunking, firstChunk } = this.#way
    return chunking && firstChunk && COMMAND.test(bytes.toString('latin1'))
  }

  /** A chunk was answered that is not the last. */
  chunkAnswered(): void {
    if (--this.#chunksPending === 0) this.#chunksAnswered?.()
  }

  /** Nothing more is written: the transcript shows how much was. */
  stopped(): void {
    if (!this.begun || this.isWaiting) discard(this.#opened)
    if (this.#octetsOut > 0) this.#note(`<${this.#octetsOut} octets>`)
    this.#octetsOut = 0
    this.#chunksAnswered?.()
  }

  #writeWhole(bytes: Buffer): void {
    if (this.#way.chunking) return this.#writeChunk(bytes, true)
    this.#link.write(dotStuff(bytes))
    this.#octetsOut = bytes.length
    this.#writeDot()
    this.#expectFinal()
    this.#owner.contentWritten()
  }

  #expectFinal(): void {
    if (!this.#finalExpected) this.#owner.expectFinal()
    this.#finalExpected = true
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
      this.#expectFinal()
      this.#owner.contentWritten()
    } else {
      this.#chunksPending++
      this.#link.expect({ requester: this.#owner, stage: 'body', step: 'chunk', index: 0 })
    }
  }

  async #writePieces(): Promise<void> {
    const link = this.#link
    try {
      const last = this.#way.chunking ? await this.#writeChunks() : await this.#writeStuffed()
      if (link.ended) return
      // A partial message must not get an end: the only way out is to close the connection.
      if (this.#owner.cancelled) return this.#owner.contentStopped()
      if (this.#way.chunking) this.#writeChunk(last, true)
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
    // A reply may come from now on: a server may refuse in the middle of the content.
    this.#expectFinal()
    const stuff = dotStuffer()
    for await (const piece of this.#pieces()) {
      this.#octetsOut += piece.length
      this.#link.write(stuff(piece))
      if (!(await this.#mayGoOn())) break
    }
    return Buffer.alloc(0)
  }

  /** Writes all pieces but the last, and waits for their replies: only the last can make the outcome unknown. */
  async #writeChunks(): Promise<Buffer> {
    let held: Buffer = Buffer.alloc(0)
    let isFirst = this.#way.firstChunk
    for await (const piece of this.#pieces()) {
      if (held.length > 0) {
        this.#writeChunk(held, false)
        if (!(await this.#mayGoOn())) break
      }
      const line = isFirst ? piece.indexOf('\n') + 1 : 0
      isFirst = false
      if (line > 0) {
        this.#writeChunk(piece.subarray(0, line), false)
        if (!(await this.#mayGoOn())) break
        await this.#allAnswered()
        if (this.#link.ended) break
      }
      held = this.#kept(line > 0 ? piece.subarray(line) : piece)
    }
    await this.#allAnswered()
    return held
  }

  async #allAnswered(): Promise<void> {
    if (this.#chunksPending > 0 && !this.#link.ended)
      await new Promise<void>((resolve) => (this.#chunksAnswered = resolve))
  }

  /** Streams reuse the memory of a chunk for the next, so a chunk that waits to be written is copied. */
  #kept(piece: Buffer): Buffer {
    if (!this.#opened) return piece
    if (this.#slab.length < piece.length) this.#slab = Buffer.allocUnsafeSlow(piece.length)
    return this.#slab.subarray(0, piece.copy(this.#slab))
  }

  /** Waits until the written memory may be reused. Meanwhile, a refusal by the server can be read. */
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
      for (let next = first; !next.done; next = await this.#inTime(() => chunks.next())) yield next.value
    } finally {
      await chunks.return?.()
    }
  }

  /** After DATA a reply with a time-out is pending; between chunks there may be none. */
  async #inTime<T>(wait: () => Promise<T>): Promise<T> {
    if (!this.#way.chunking) return wait()
    const timer = setTimeout(() => this.#owner.contentStalled(), this.#way.timeoutMs).unref()
    try {
      return await wait()
    } finally {
      clearTimeout(timer)
    }
  }

  #note(text: string): void {
    this.#link.recorder.note(this.#owner.entries, 'client', text)
  }
}

function announcingFailed(cause: unknown): MailError {
  return new MailError({
    stage: 'submit',
    kind: 'unexpected',
    summary: 'beforeTransmission failed, so nothing was sent',
    delivered: 'none',
    hint: 'Look at the cause: it is what the function threw that whoever sends passed as beforeTransmission.',
    cause,
  })
}
