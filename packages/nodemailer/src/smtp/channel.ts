import { Duplex } from 'node:stream'
import type { Socket } from 'node:net'
import {
  diagnoseConnectionError,
  isNegative,
  isPositive,
  redactLines,
  ReplyReader,
  type NotAReply,
  type OutgoingStream,
  type ReplyLines,
} from '@loudmail/core/transport'
import { Attempt, type Ending } from './attempt.ts'
import { pathOf, type Answered, type Conversation } from './conversation.ts'
import { secure } from './open-socket.ts'
import type { RefusedMechanisms } from './refused-mechanisms.ts'
import { refusalOf } from './refusal.ts'
import type { Carrier, Sending } from './sending.ts'
import type { ConnectionPlan } from './smtp-options.ts'

/** How long to listen for a reply after its caller gave up, in ms. */
const LATE_MS = 10 * 60_000
const LEAVE_MS = 200

type Done = (error?: Error | null) => void

/**
 * The socket for nodemailer. Every command and every reply passes through here unencrypted, also with TLS. This is why
 * STARTTLS happens here: nodemailer sees one encrypted connection, and complete, checked replies without secrets.
 */
export class Channel extends Duplex implements Carrier, OutgoingStream {
  /** Octets that were given to the socket. */
  written = 0
  readonly #conversation: Conversation
  readonly #plan: ConnectionPlan
  /** The message that nodemailer is sending. */
  readonly #current: () => Sending | undefined
  readonly #refused: RefusedMechanisms
  #replies = new ReplyReader()
  #socket: Socket | undefined
  #sending: Sending | undefined
  #hello = ''
  #plainOffer: readonly string[] = []
  #isSecuring = false
  #isLeaving = false
  #idle: NodeJS.Timeout | undefined

  constructor(
    conversation: Conversation,
    plan: ConnectionPlan,
    current: () => Sending | undefined,
    refused: RefusedMechanisms,
  ) {
    super({ allowHalfOpen: true })
    this.#refused = refused
    this.#conversation = conversation
    this.#plan = plan
    this.#current = current
  }

  get remoteAddress(): string | undefined {
    return this.#socket?.remoteAddress
  }

  get remotePort(): number | undefined {
    return this.#socket?.remotePort
  }

  /** Uses a connection that was just opened. */
  adopt(socket: Socket): void {
    this.#conversation.expectGreeting()
    this.#listen(socket)
  }

  cut(ending: Ending, text: string): void {
    this.#conversation.end(ending, text)
    this.destroy()
  }

  forget(): void {
    this.#socket?.destroy()
  }

  /** As on a socket: emits an event after so many ms without traffic. */
  setTimeout(ms: number): this {
    clearTimeout(this.#idle)
    this.#idle = undefined
    if (ms > 0) {
      this.#idle = setTimeout(() => {
        this.#conversation.end({ kind: 'timeout' }, `no answer within ${ms} ms`)
        this.emit('timeout')
      }, ms).unref()
    }
    return this
  }

  setKeepAlive(enable: boolean, delayMs: number): this {
    this.#socket?.setKeepAlive(enable, delayMs)
    return this
  }

  setNoDelay(noDelay: boolean): this {
    this.#socket?.setNoDelay(noDelay)
    return this
  }

  override _read(): void {
    this.#socket?.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.#outgoing([chunk], done)
  }

  override _writev(chunks: { chunk: Buffer }[], done: Done): void {
    this.#outgoing(
      chunks.map(({ chunk }) => chunk),
      done,
    )
  }

  override _final(done: Done): void {
    this.#quitAfterRefusal()
    if (!this.#linger()) this.#socket?.end()
    done()
  }

  override _destroy(error: Error | null, done: Done): void {
    clearTimeout(this.#idle)
    this.#quitAfterRefusal()
    if (this.#isLeaving) this.#leave()
    else if (!this.#linger()) this.#socket?.destroy()
    done(error)
  }

  #listen(socket: Socket): void {
    this.#socket = socket
    socket.on('data', (bytes: Buffer) => this.#incoming(bytes))
    socket.on('end', () => this.#ended(undefined))
    socket.on('error', (error) => this.#ended(error))
    socket.on('close', () => this.#ended(undefined))
    socket.resume()
  }

  // From nodemailer to the server

  #outgoing(chunks: readonly Buffer[], done: Done): void {
    this.#idle?.refresh()
    if (this.#conversation.ending) {
      done()
      return
    }
    if (this.#conversation.isInContent) {
      // Two turns of the event loop let a refusal be read that has arrived, before a failed write hides it.
      setImmediate(() => setImmediate(() => this.#sendContent(Buffer.concat(chunks), done)))
      return
    }
    // nodemailer writes one command with each call.
    const lines = chunks.map((chunk) => chunk.toString('utf8').replace(/\r\n$/, ''))
    for (const line of lines) if (/^MAIL /i.test(line)) this.#begin()
    if (lines.some((line) => /[\r\n]/.test(line) || this.#isForeign(line))) {
      this.#conversation.breach(
        'unexpected',
        'nodemailer tried to send a command that does not belong to this message',
      )
      this.#breakOff()
    } else if (lines.some((line) => this.#isRefused(line))) {
      // Nothing is sent: nodemailer gets a refusal for each command, and the connection stays usable.
      setImmediate(() => this.push(lines.map(() => '554 5.0.0 not sent\r\n').join('')))
    } else {
      for (const line of lines) {
        if (/^(?:EHLO|LHLO) /.test(line)) this.#hello = line
        this.#conversation.command(line)
      }
      this.#send(Buffer.concat(chunks), done)
      return
    }
    done()
  }

  /** From MAIL on, the connection belongs to the message that nodemailer is sending. */
  #begin(): void {
    this.#sending = this.#current()
    // A message that somebody sends with the transporter directly gets its own attempt, too.
    const attempt = this.#sending?.attemptOn(this.#conversation, this) ?? new Attempt(this.#conversation)
    const nobody = { envelope: { from: '', to: [], smtputf8: false }, replayable: true }
    attempt.begin(this.#sending?.message ?? nobody, this)
    this.#conversation.attempt = attempt
  }

  #sendContent(bytes: Buffer, done: Done): void {
    if (this.#conversation.isInContent) {
      this.#conversation.content(bytes, this.written + bytes.length)
      this.#send(bytes, done)
    } else done()
  }

  #send(bytes: Buffer, done: Done): void {
    const socket = this.#socket
    if (!socket || socket.destroyed || !socket.writable) {
      done()
      return
    }
    this.written += bytes.length
    socket.write(bytes, () => {
      this.#idle?.refresh()
      // A failed write appears as an error of the socket, after the remaining replies were read.
      done()
    })
  }

  /** MAIL and RCPT must match the envelope of the message exactly. */
  #isForeign(line: string): boolean {
    const envelope = this.#sending?.message?.envelope
    if (!envelope) return false
    if (/^MAIL /i.test(line)) return pathOf(line) !== envelope.from
    return /^RCPT /i.test(line) && !envelope.to.includes(pathOf(line))
  }

  #isRefused(line: string): boolean {
    const attempt = this.#conversation.attempt
    if (!this.#sending || !attempt || !/^MAIL /i.test(line)) return false
    const { capabilities, isSecure } = this.#conversation
    const refusal = refusalOf(this.#sending, capabilities, isSecure)
    if (refusal) attempt.refused = { stage: 'mail-from', ...refusal }
    return refusal !== undefined
  }

  // From the server to nodemailer

  #incoming(bytes: Buffer): void {
    this.#idle?.refresh()
    if (this.destroyed && !this.#sending?.attempt?.isInDoubt) return
    // A reply is passed on once it is known whether more bytes follow it.
    const replies: (ReplyLines | NotAReply)[] = []
    this.#replies.feed(bytes, (reply) => replies.push(reply))
    for (const [index, reply] of replies.entries()) {
      const isLast = index === replies.length - 1 && !this.#replies.pending
      if (!this.#answer(reply, isLast)) return
    }
  }

  /** Passes on one reply; false if that ended the conversation. */
  #answer(reply: ReplyLines | NotAReply, isLast: boolean): boolean {
    const wasInContent = this.#conversation.isInContent
    const answered = this.#conversation.reply(reply)
    if (!answered) {
      this.#breakOff()
      return false
    }
    const { lines } = reply
    const { verb } = answered.expected
    if (verb === 'STARTTLS') return this.#startTls(answered, isLast)
    if (verb === 'EHLO' || verb === 'LHLO') return this.#greeted(answered, lines)
    if (verb === 'HELO' && isPositive(answered.answer) && this.#plan.mechanisms)
      return this.#giveUp('auth', 'auth-not-offered')
    if (verb === 'AUTH') {
      const { capabilities } = this.#conversation
      const usable = this.#plan.mechanisms ?? []
      this.#conversation.hasOtherMechanism = this.#refused.learn(answered, usable, capabilities)
    }
    this.#pass(answered, lines)
    // It lingered for this reply. nodemailer may only have ended its side.
    const isLeft = this.destroyed || this.writableEnded
    if (isLeft && !this.#sending?.attempt?.isInDoubt) this.#socket?.destroy()
    // The rest of the content cannot be stopped, so the connection cannot be used again.
    if (wasInContent && verb === 'content') this.#breakOff()
    return !this.destroyed
  }

  #greeted(answered: Answered, lines: readonly string[]): boolean {
    const { policy } = this.#plan
    const conversation = this.#conversation
    const mayEncrypt = !conversation.isSecure && policy !== 'none' && policy !== 'implicit'
    if (isNegative(answered.answer)) {
      if (policy === 'required' && mayEncrypt) this.#breakOff()
      else this.#pass(answered, lines)
      return !this.destroyed
    }
    if (mayEncrypt && conversation.capabilities.has('STARTTLS')) {
      this.#plainOffer = lines
      conversation.command('STARTTLS')
      this.#socket?.write('STARTTLS\r\n')
      return true
    }
    if (mayEncrypt && policy === 'required') return this.#giveUp('tls', 'starttls-not-offered')
    return this.#offer(lines)
  }

  #startTls({ answer }: Answered, isLast: boolean): boolean {
    if (isPositive(answer) && !isLast) {
      // RFC 3207 section 6: unencrypted bytes that follow are not from the server.
      this.#conversation.verdict = { stage: 'tls', kind: 'response-injection' }
      this.#breakOff()
      return false
    }
    if (isPositive(answer)) {
      void this.#encrypt()
      return true
    }
    if (this.#plan.policy !== 'opportunistic') {
      this.#breakOff()
      return false
    }
    this.#conversation.refusal = undefined
    // Credentials are not sent over a connection that could not be encrypted.
    return this.#offer(this.#plainOffer.filter((line) => !/^250[- ]AUTH\b/i.test(line)))
  }

  async #encrypt(): Promise<void> {
    const plain = this.#socket!
    this.#isSecuring = true
    plain.removeAllListeners('data').removeAllListeners('end').removeAllListeners('close')
    try {
      const { handshakeTimeoutMs } = this.#plan
      const socket = await secure(plain, this.#plan, this.#conversation, handshakeTimeoutMs)
      this.#isSecuring = false
      this.#replies = new ReplyReader()
      this.#listen(socket)
      this.#conversation.command(this.#hello)
      socket.write(`${this.#hello}\r\n`)
    } catch (error) {
      this.#isSecuring = false
      this.destroy(error as Error)
    }
  }

  /** Passes the EHLO reply to nodemailer if the server offers what is needed. */
  #offer(lines: readonly string[]): boolean {
    const { mechanisms } = this.#plan
    const { capabilities } = this.#conversation
    const isOffered = capabilities.has('AUTH') && lines.some((line) => /^250[- ]AUTH\b/i.test(line))
    if (mechanisms && !isOffered) return this.#giveUp('auth', 'auth-not-offered')
    if (mechanisms && !mechanisms.some((name) => name === '*' || capabilities.mechanisms.includes(name)))
      return this.#giveUp(
        'auth',
        'auth-mechanism',
        `the server offers no authentication mechanism that nodemailer can use; it offers ${capabilities.mechanisms.join(' ') || 'none'}`,
      )
    // STARTTLS is done here; size and REQUIRETLS are checked here, before MAIL.
    const kept = lines
      .map((line) => this.#refused.withoutThem(line.slice(4)))
      .filter((text, index) => index === 0 || !/^(?:STARTTLS|REQUIRETLS|SIZE)\b/i.test(text))
    if (capabilities.has('SIZE')) kept.push('SIZE')
    kept.push('REQUIRETLS')
    this.push(kept.map((text, index) => `250${index === kept.length - 1 ? ' ' : '-'}${text}\r\n`).join(''))
    return true
  }

  #pass({ expected, answer }: Answered, lines: readonly string[]): void {
    if (this.destroyed || this.readableEnded) return
    const { redact } = this.#conversation.secrets
    // A challenge is passed on unchanged: the mechanism needs it, and it holds no secret of this side.
    const isChallenge = expected.verb === 'AUTH' && answer.code === 334
    const said = lines.map((line) => line.slice(4))
    const shown = isChallenge ? said : redactLines(said, redact)
    const text = lines.map((line, index) => line.slice(0, 4) + shown[index])
    this.push(text.map((line) => (line.length === 3 ? `${line} \r\n` : `${line}\r\n`)).join(''))
  }

  #giveUp(
    stage: 'tls' | 'auth',
    kind: 'starttls-not-offered' | 'auth-not-offered' | 'auth-mechanism',
    summary?: string,
  ): false {
    this.#conversation.verdict = { stage, kind, summary }
    this.#conversation.command('QUIT')
    this.#socket?.end('QUIT\r\n')
    this.#isLeaving = true
    this.destroy(new Error(kind))
    return false
  }

  #breakOff(): void {
    this.destroy(new Error('the connection cannot be used again'))
  }

  #ended(error: Error | undefined): void {
    if (this.#isSecuring) return
    this.#replies.end((reply) => {
      if (this.#conversation.isAwaitingReply) this.#answer(reply, true)
    })
    const hadTlsWord = this.#conversation.stage !== 'greeting' && this.#conversation.stage !== 'ehlo'
    const { stage, kind } = diagnoseConnectionError(error) ?? { kind: 'connection-lost' }
    // TLS 1.3 checks the client's certificate after the handshake: a refusal comes instead of the first reply.
    const isHandshake = stage === 'tls' && !hadTlsWord
    this.#conversation.end(
      {
        kind: stage === 'tls' && !isHandshake ? 'connection-lost' : kind,
        stage: isHandshake ? 'tls' : undefined,
        cause: error,
      },
      error ? `connection lost: ${error.message}` : 'closed by the server',
    )
    if (error) this.destroy(error)
    else if (!this.destroyed) this.push(null)
  }

  /** nodemailer closes after a refused greeting, EHLO or log-in. The server still listens (RFC 5321 section 3.1). */
  #quitAfterRefusal(): void {
    const { refusal, verdict, ending, isAwaitingReply } = this.#conversation
    if (!refusal || verdict || ending || isAwaitingReply || this.#isLeaving || !this.#socket?.writable) return
    // Over TLS, a server that runs on Node sometimes does not get rid of such a connection.
    if (this.#conversation.isSecure) return
    this.#conversation.command('QUIT')
    this.#socket.end('QUIT\r\n')
    this.#isLeaving = true
    this.#leave()
  }

  /** The last bytes are written; the server has a moment to read them. */
  #leave(): void {
    const socket = this.#socket!
    socket.once('end', () => socket.destroy()).unref()
    setTimeout(() => socket.destroy(), LEAVE_MS).unref()
  }

  /** Keeps listening if the server may have a whole message and an observer wants its late reply. */
  #linger(): boolean {
    const attempt = this.#sending?.attempt
    const socket = this.#socket
    if (!this.#sending?.context.late || !attempt?.isInDoubt || !socket || socket.destroyed) return false
    socket.unref()
    socket.setTimeout(LATE_MS, () => socket.destroy())
    return true
  }
}
