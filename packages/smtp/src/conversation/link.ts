import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Reply, Stage, TranscriptEntry } from '@loudmail/core'
import {
  diagnoseConnectionError,
  isFarewell,
  isFarewellAfterPause,
  ReplyReader,
  type Loss,
  type NotAReply,
  type OutgoingStream,
  type ReplyLines,
} from '@loudmail/core/transport'
import type { TimedStage, Timeouts } from '../options.ts'
import type { Recorder } from './recorder.ts'

/** What a reply is for. */
export type Step = 'greeting' | 'command' | 'rset' | 'mail' | 'rcpt' | 'data' | 'chunk' | 'final'

/** A reply that is expected. */
export interface Expectation {
  readonly requester: Requester
  readonly stage: TimedStage
  readonly step: Step
  /** The recipient, if the reply is for one. */
  readonly index: number
}

interface Pending extends Expectation {
  /** Where its command ends in the stream: a reply is not valid before that was written. */
  readonly end: number
  /** The next expected reply. */
  next: Pending | undefined
}

/** Sends commands and gets their replies. */
export interface Requester {
  /** Its part of the transcript. */
  readonly entries: TranscriptEntry[]
  answered(reply: ReplyLines | NotAReply, expectation: Expectation): void
}

/** How a link ended. */
export interface LinkLoss extends Loss {
  /** The stage of the error, if the error itself gives it. */
  readonly stage?: Stage | undefined
  /** There were more replies than commands, so earlier replies may belong to other commands. */
  readonly lostCount?: boolean
}

/** What a transcript says about the end of a connection. */
const BY_SERVER = 'closed by the server'
/** The largest write that is copied into one buffer. */
const COPY_LIMIT = 32_768
const WENT_ON = 'the server sent more replies after it refused RSET'
/** After a server announced that it closes the connection, it has this time for its last replies, in ms. */
const CLOSING_MS = 10_000
/** How long a server may take to close the connection after QUIT, in ms. */
const LEAVING_MS = 2_000

/** One socket: sends commands, in one write per turn, and gives each reply to its requester. */
export class Link implements OutgoingStream {
  readonly recorder: Recorder
  /** Called once, if the connection is lost before this side closes it. */
  onLost: (loss: LinkLoss) => void = () => {}
  /** How many octets were buffered so far, and how many of them were given to the socket. */
  buffered = 0
  written = 0
  /** After the last reply, the server can only close: more replies show that it lost count. */
  saidLast = false
  /** What the server said when it announced that it closes the connection. */
  #closing: Reply | undefined
  readonly #timeouts: Timeouts
  // A linked list: to take the first of thousands of replies out of an array would move all others.
  #oldest: Pending | undefined
  #newest: Pending | undefined
  #reader = new ReplyReader()
  #socket: Socket | TLSSocket | undefined
  #out: (string | Uint8Array)[] = []
  #flushing = false
  #reading = false
  #ended = false
  #held = true
  #timer: NodeJS.Timeout | undefined
  #firesAt = 0
  #since = 0

  constructor(recorder: Recorder, timeouts: Timeouts) {
    this.recorder = recorder
    this.#timeouts = timeouts
  }

  get ended(): boolean {
    return this.#ended
  }

  get closing(): Reply | undefined {
    return this.#closing
  }

  /** The server announced that it closes the connection: its last replies are still read, for a short time. */
  set closing(reply: Reply | undefined) {
    this.#closing = reply
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.progress()
  }

  /** Whether the server sent (part of) a reply that no command asked for. */
  get unasked(): boolean {
    return this.#ended || this.#reader.pending
  }

  /** Uses a connected socket. A socket with `onread` calls {@link read} itself. */
  attach(socket: Socket | TLSSocket, givesData: boolean): void {
    this.#socket = socket
    this.#reader = new ReplyReader()
    // A socket through a proxy was paused after the answer of the proxy.
    if (givesData) socket.on('data', this.read).resume()
    socket.on('end', this.#onEnd).on('error', this.#onError).on('close', this.#onClose)
  }

  /** Releases the socket, so that TLS can use it. */
  detach(): Socket {
    const socket = this.#socket!
    socket
      .off('data', this.read)
      .off('end', this.#onEnd)
      .off('error', this.#onError)
      .off('close', this.#onClose)
    return socket
  }

  /** Writes a command and expects its reply. */
  command(requester: Requester, stage: TimedStage, step: Step, text: string, index = 0, shown = text): void {
    this.recorder.note(requester.entries, 'client', shown)
    this.write(`${text}\r\n`)
    this.expect({ requester, stage, step, index })
  }

  /** Expects a reply to what was buffered last. */
  expect({ requester, stage, step, index }: Expectation): void {
    const pending = { requester, stage, step, index, end: this.buffered, next: undefined }
    if (this.#newest) this.#newest.next = pending
    this.#newest = pending
    if (this.#oldest) return
    this.#oldest = pending
    this.progress()
  }

  /** There was progress: the time-out of the oldest reply starts again. */
  progress(): void {
    this.#since = performance.now()
    this.#arm()
  }

  /** How long an answer has been awaited, in ms. */
  get silentMs(): number {
    return this.#oldest ? performance.now() - this.#since : 0
  }

  /** Adds bytes to this turn's write. */
  write(data: string | Uint8Array): void {
    this.#out.push(data)
    this.buffered += Buffer.byteLength(data)
    // Commands that are added while replies are read go out after the last of these replies.
    if (this.#flushing || this.#reading) return
    this.#flushing = true
    queueMicrotask(() => this.flush())
  }

  /**
   * Writes what was buffered.
   *
   * @param done called when its memory may be reused: the system has the bytes, or the connection is lost
   */
  flush(done?: () => void): void {
    this.#flushing = false
    const out = this.#out
    const socket = this.#socket!
    if (out.length === 0 || this.#ended || !socket.writable) return done?.()
    this.#out = []
    const size = this.buffered - this.written
    this.written = this.buffered
    if (out.length === 1 || size <= COPY_LIMIT) {
      socket.write(out.length === 1 ? out[0]! : joined(out, size), done)
      return
    }
    socket.cork()
    const last = out.pop()!
    for (const data of out) socket.write(data)
    socket.write(last, done)
    socket.uncork()
  }

  /** Whether the connection keeps the process alive. */
  hold(held: boolean): void {
    this.#held = held
    for (const handle of [this.#socket, this.#timer])
      if (held) handle?.ref()
      else handle?.unref()
  }

  /** Sends QUIT, and closes once the server does. Nobody waits for that, and it does not keep the process alive. */
  quit(): void {
    if (this.#ended) return
    const socket = this.#socket
    if (!socket?.writable) return this.destroy()
    this.recorder.note(this.recorder.preamble, 'client', 'QUIT')
    this.#out.push('QUIT\r\n')
    this.flush()
    this.#end()
    socket.end()
    const timer = setTimeout(() => socket.destroy(), LEAVING_MS).unref()
    socket.on('error', () => {}).once('close', () => clearTimeout(timer))
    socket.unref()
  }

  /** Closes without QUIT. */
  destroy(): void {
    this.#end()
    this.#socket?.on('error', () => {}).destroy()
  }

  /** Ends the connection, and reports the reason to {@link onLost}. */
  fail(loss: LinkLoss, event = loss.kind === 'timeout' ? 'no answer in time' : 'closed by this side'): void {
    if (this.#ended) return
    const entries = this.#oldest?.requester.entries ?? this.recorder.preamble
    this.recorder.note(entries, 'event', event)
    this.destroy()
    this.onLost({ ...loss, closing: loss.closing ?? this.#closing })
  }

  /** Reads bytes from the server. */
  readonly read = (bytes: Buffer): void => {
    // The answer to QUIT is read too: a socket that is closed with unread bytes would reset the connection.
    if (this.#ended) return
    this.#reading = true
    this.#reader.feed(bytes, this.#take)
    this.#reading = false
    if (this.#out.length > 0) this.flush()
  }

  readonly #take = (reply: ReplyLines | NotAReply): void => {
    if (this.#ended) return
    const oldest = this.#oldest
    // A reply to what was not written yet could accept a message before it was sent.
    if (!oldest || oldest.end > this.written) return this.#takeUnasked(reply)
    this.#oldest = oldest.next
    if (!this.#oldest) this.#newest = undefined
    // An answered entry must not keep later ones in memory.
    oldest.next = undefined
    for (const line of reply.lines) this.recorder.note(oldest.requester.entries, 'server', line)
    if (this.#oldest) this.progress()
    if (this.saidLast) return this.fail({ kind: 'protocol', summary: WENT_ON, lostCount: true })
    oldest.requester.answered(reply, oldest)
  }

  /** Only the announcement that the server closes the connection may come without a command (RFC 5321 section 3.8). */
  #takeUnasked(reply: ReplyLines | NotAReply): void {
    for (const line of reply.lines) this.recorder.note(this.recorder.preamble, 'server', line)
    const isLast = isFarewell(reply.code) || isFarewellAfterPause(reply.code, reply.lines.join(' '))
    if (isLast || this.#closing) return this.fail({ kind: 'connection-lost' })
    const summary = 'the server sent something before it was asked'
    this.fail({ kind: 'protocol', summary, lostCount: reply.code !== undefined })
  }

  #arm(): void {
    const oldest = this.#oldest
    if (!oldest) return
    const at = this.#since + this.#timeoutOf(oldest)
    if (this.#timer && this.#firesAt <= at) return
    clearTimeout(this.#timer)
    this.#firesAt = at
    this.#timer = setTimeout(this.#onTimer, Math.min(Math.max(at - performance.now(), 1), 2 ** 31 - 1))
    if (!this.#held) this.#timer.unref()
  }

  #timeoutOf({ stage }: Expectation): number {
    return this.#closing ? Math.min(this.#timeouts[stage], CLOSING_MS) : this.#timeouts[stage]
  }

  // One timer per connection, which checks the time when it fires: messages hardly ever set or clear it.
  readonly #onTimer = (): void => {
    this.#timer = undefined
    const oldest = this.#oldest
    if (!oldest) return
    if (performance.now() < this.#since + this.#timeoutOf(oldest)) this.#arm()
    else this.fail({ kind: this.#closing ? 'connection-lost' : 'timeout' })
  }

  readonly #onEnd = (): void => {
    if (this.#ended) return
    this.#reader.end(this.#take)
    this.fail({ kind: 'connection-lost' }, BY_SERVER)
  }

  readonly #onError = (error: Error): void => {
    if (this.#ended) return
    this.#reader.end(this.#take)
    const why = diagnoseConnectionError(error) ?? ({ kind: 'connection-lost' } as const)
    this.fail({ ...why, cause: error }, why.kind === 'connection-lost' ? BY_SERVER : undefined)
  }

  readonly #onClose = (): void => this.fail({ kind: 'connection-lost' }, BY_SERVER)

  #end(): void {
    this.#ended = true
    clearTimeout(this.#timer)
  }
}

function joined(parts: readonly (string | Uint8Array)[], size: number): Buffer | string {
  if (parts.every((part) => typeof part === 'string')) return parts.join('')
  const whole = Buffer.allocUnsafe(size)
  let at = 0
  for (const part of parts) {
    if (typeof part === 'string') at += whole.write(part, at)
    else {
      whole.set(part, at)
      at += part.length
    }
  }
  return whole
}
