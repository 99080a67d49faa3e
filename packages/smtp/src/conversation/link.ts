import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Kind, Reply, Stage, TranscriptEntry } from '@loudmail/core'
import { diagnoseConnectionError } from '@loudmail/core/transport'
import type { TimedStage, Timeouts } from '../options.ts'
import type { Recorder } from './recorder.ts'
import { ReplyReader, type NotAReply, type ReplyLines } from './reply-reader.ts'

/** What a reply is for. */
export type Step = 'greeting' | 'command' | 'rset' | 'mail' | 'rcpt' | 'data' | 'chunk' | 'final'

/** A reply that is owed, in the order it was asked for. */
export interface Expectation {
  readonly asker: Asker
  readonly stage: TimedStage
  readonly step: Step
  /** Which recipient, where it is for one. */
  readonly index: number
}

/** Who asked something, and is told the answer. */
export interface Asker {
  /** Where its lines of the conversation are kept. */
  readonly entries: TranscriptEntry[]
  answered(reply: ReplyLines | NotAReply, expectation: Expectation): void
}

/** How a connection ended before everything was answered. */
export interface Loss {
  readonly kind: Kind
  /** Where the error itself says so; otherwise it is that of the oldest unanswered command. */
  readonly stage?: Stage | undefined
  readonly summary?: string | undefined
  readonly cause?: unknown
  /** What the server said when it closed: it has not looked at anything that was asked after that. */
  readonly closing?: Reply | undefined
}

/** What a transcript says of the end of a connection. */
const EVENTS: Partial<Record<Kind, string>> = {
  'connection-lost': 'closed by the server',
  timeout: 'no answer in time',
}

/** The largest write that is put together in one buffer. */
const COPY_LIMIT = 32_768

/** One socket: commands go out, one write a turn; replies come in, each to who asked for it. */
export class Link {
  readonly recorder: Recorder
  /** Called once, when the connection is lost before it was closed from this side. */
  onLost: (loss: Loss) => void = () => {}
  /** What the server said last, where it has to close behind that. */
  closing: Reply | undefined
  readonly #timeouts: Timeouts
  readonly #owed: Expectation[] = []
  #reader = new ReplyReader()
  #socket: Socket | TLSSocket | undefined
  #out: (string | Uint8Array)[] = []
  #flushing = false
  #reading = false
  #ended = false
  #timer: NodeJS.Timeout | undefined
  #firesAt = 0
  /** How many of the owed replies are to what was not written yet. */
  #unsent = 0
  #since = 0

  constructor(recorder: Recorder, timeouts: Timeouts) {
    this.recorder = recorder
    this.#timeouts = timeouts
  }

  get ended(): boolean {
    return this.#ended
  }

  /** The stage of the command that has waited longest for its reply, of those that somebody asked. */
  oldestOf(asker: Asker): TimedStage | undefined {
    return this.#owed.find((expectation) => expectation.asker === asker)?.stage
  }

  /** Whether everything of this asker has gone out, its last octet included. */
  wrote(asker: Asker): boolean {
    const unsent = this.#owed.slice(this.#owed.length - this.#unsent)
    return !unsent.some((expectation) => expectation.asker === asker && expectation.step === 'final')
  }

  /** Whether the server has sent something that nobody asked for, or half of it. */
  get unasked(): boolean {
    return this.#ended || this.#reader.pending
  }

  /** Takes a connected socket; one that was given `onread` hands its bytes to {@link read} itself. */
  attach(socket: Socket | TLSSocket, givesData: boolean): void {
    this.#socket = socket
    this.#reader = new ReplyReader()
    // One that came through a proxy was paused behind its answer.
    if (givesData) socket.on('data', this.read).resume()
    socket.on('end', this.#onEnd).on('error', this.#onError).on('close', this.#onClose)
  }

  /** Gives the socket up, to put TLS around it. */
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
  command(asker: Asker, stage: TimedStage, step: Step, text: string, index = 0, shown = text): void {
    this.recorder.note(asker.entries, 'client', shown)
    this.write(`${text}\r\n`)
    this.expect({ asker, stage, step, index })
  }

  expect(expectation: Expectation): void {
    if (this.#out.length > 0) this.#unsent++
    if (this.#owed.push(expectation) === 1) this.progress()
  }

  /** Something moved: the time-out of the oldest reply starts anew. */
  progress(): void {
    this.#since = performance.now()
    this.#arm()
  }

  /** Puts bytes into this turn's write. */
  write(data: string | Uint8Array): void {
    this.#out.push(data)
    // What is asked while replies are read goes out when all of them were.
    if (this.#flushing || this.#reading) return
    this.#flushing = true
    queueMicrotask(() => this.flush())
  }

  /**
   * Writes what has come together.
   *
   * @param done called when nothing of it is needed any more: it is with the system, or the connection is lost
   */
  flush(done?: () => void): void {
    this.#flushing = false
    this.#unsent = 0
    const out = this.#out
    if (out.length === 0 || this.#ended) return done?.()
    this.#out = []
    const socket = this.#socket!
    let size = 0
    for (const data of out) size += data.length
    if (out.length === 1 || size <= COPY_LIMIT) {
      socket.write(out.length === 1 ? out[0]! : joined(out), done)
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
    for (const handle of [this.#socket, this.#timer])
      if (held) handle?.ref()
      else handle?.unref()
  }

  /** Says QUIT, without waiting for the answer, and closes. */
  quit(): void {
    if (this.#ended) return
    this.recorder.note(this.recorder.preamble, 'client', 'QUIT')
    this.#out.push('QUIT\r\n')
    this.flush()
    this.#end()
    const socket = this.#socket!
    socket.on('error', () => {})
    socket.end(() => socket.destroy())
    // A server that never closes must not keep the process.
    socket.unref()
  }

  /** Closes without a word. */
  destroy(): void {
    this.#end()
    this.#socket?.on('error', () => {}).destroy()
  }

  /** Ends the connection for a reason that everybody who is owed a reply hears of. */
  fail(loss: Loss): void {
    if (this.#ended) return
    const entries = this.#owed[0]?.asker.entries ?? this.recorder.preamble
    this.recorder.note(entries, 'event', EVENTS[loss.kind] ?? 'closed by this side')
    this.destroy()
    const closing = loss.closing ?? (loss.kind === 'connection-lost' ? this.closing : undefined)
    this.onLost({ ...loss, closing })
  }

  /** Takes bytes of the server. */
  readonly read = (bytes: Buffer): void => {
    if (this.#ended) return
    this.#reading = true
    this.#reader.feed(bytes, this.#take)
    this.#reading = false
    if (this.#out.length > 0) this.flush()
  }

  readonly #take = (reply: ReplyLines | NotAReply): void => {
    if (this.#ended) return
    // An answer to what is still to be asked would say of a message that it was taken before it was sent.
    const expectation = this.#owed.length > this.#unsent ? this.#owed.shift() : undefined
    if (!expectation) return this.#takeUnasked(reply)
    for (const line of reply.lines) this.recorder.note(expectation.asker.entries, 'server', line)
    if (this.closing)
      return this.fail({ kind: 'protocol', summary: 'the server went on after it refused RSET' })
    if (this.#owed.length > 0) this.progress()
    expectation.asker.answered(reply, expectation)
  }

  /** A server may say 421 before it closes an idle connection (RFC 5321 section 3.8); nothing else may come unasked. */
  #takeUnasked(reply: ReplyLines | NotAReply): void {
    for (const line of reply.lines) this.recorder.note(this.recorder.preamble, 'server', line)
    if (reply.code === 421) this.fail({ kind: 'connection-lost' })
    else this.fail({ kind: 'protocol', summary: 'the server sent something before it was asked' })
  }

  #arm(): void {
    if (this.#owed.length === 0) return
    const at = this.#since + this.#timeouts[this.#owed[0]!.stage]
    if (this.#timer && this.#firesAt <= at) return
    clearTimeout(this.#timer)
    this.#firesAt = at
    this.#timer = setTimeout(this.#onTimer, Math.min(Math.max(at - performance.now(), 1), 2 ** 31 - 1))
  }

  // One timer a connection, that looks again when it fires: hardly ever has one to be set or cleared for a message.
  readonly #onTimer = (): void => {
    this.#timer = undefined
    const oldest = this.#owed[0]
    if (!oldest) return
    if (performance.now() >= this.#since + this.#timeouts[oldest.stage]) this.fail({ kind: 'timeout' })
    else this.#arm()
  }

  readonly #onEnd = (): void => {
    if (this.#ended) return
    this.#reader.end(this.#take)
    this.fail({ kind: 'connection-lost' })
  }

  readonly #onError = (error: Error): void => {
    if (this.#ended) return
    this.#reader.end(this.#take)
    this.fail({ ...(diagnoseConnectionError(error) ?? { kind: 'connection-lost' }), cause: error })
  }

  readonly #onClose = (): void => this.fail({ kind: 'connection-lost' })

  #end(): void {
    this.#ended = true
    clearTimeout(this.#timer)
  }
}

function joined(parts: readonly (string | Uint8Array)[]): Buffer | string {
  if (parts.every((part) => typeof part === 'string')) return parts.join('')
  let size = 0
  for (const part of parts) size += Buffer.byteLength(part)
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
