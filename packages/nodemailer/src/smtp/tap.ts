import { isAscii } from 'node:buffer'
import type { Socket } from 'node:net'
import { isInMemory, type Secrets } from '@loudmail/core/transport'
import type { Transporter } from 'nodemailer'
import type { MailMessage } from 'nodemailer/lib/mailer'
import { Channel } from './channel.ts'
import { contentFailure } from '../local-failure.ts'
import { streamOf } from '../message/content.ts'
import { Conversation } from './conversation.ts'
import { openSocket, type OtherWay } from './open-socket.ts'
import { RefusedMechanisms } from './refused-mechanisms.ts'
import { secretsOf } from '../secrets.ts'
import type { Sending } from './sending.ts'
import { situationOf } from './situation.ts'
import { connectionPlan, type SmtpOptions } from './smtp-options.ts'

type Callback = (error: Error | null, result?: unknown) => void
type GetSocket = (
  options: SmtpOptions,
  callback: (error: Error | null, found?: Found | false) => void,
) => void
type Found = { connection?: Socket; secured?: boolean }

/** The part of nodemailer's SMTP transports that is used here. */
export interface SmtpInner {
  name: string
  options: SmtpOptions
  send(mail: MailMessage, callback: Callback): unknown
  verify(callback: Callback): unknown
  getSocket: GetSocket
}

const taps = new WeakMap<object, Tap>()

/**
 * Sits between nodemailer's SMTP transport and the network. It opens every connection and knows its message. A
 * transporter has one tap, however many Loudmail transports use it.
 */
export class Tap {
  readonly secrets: Secrets
  readonly #refusedMechanisms = new RefusedMechanisms()
  readonly #transporter: Transporter
  readonly #inner: SmtpInner
  readonly #sendings = new WeakMap<AbortSignal, Sending>()
  readonly #send: SmtpInner['send']
  #otherSocket: GetSocket
  /** The message that nodemailer read last: it reads one right before it connects or sends MAIL for it. */
  #current: Sending | undefined

  static on(transporter: Transporter, inner: SmtpInner): Tap {
    const known = taps.get(inner)
    if (known) return known
    const tap = new Tap(transporter, inner)
    taps.set(inner, tap)
    return tap
  }

  private constructor(transporter: Transporter, inner: SmtpInner) {
    this.secrets = secretsOf(inner.options as Record<string, unknown>)
    this.#transporter = transporter
    this.#inner = inner
    this.#send = inner.send.bind(inner)
    this.#otherSocket = inner.getSocket.bind(inner)
    inner.send = (mail, callback) => this.#submit(mail, callback)
    inner.getSocket = (options, callback) => this.#getSocket(options, callback)
    this.#adoptProxy()
  }

  /** Marks a message, so that it can be recognized inside nodemailer. */
  mark(sending: Sending): void {
    this.#adoptProxy()
    this.#sendings.set(sending.abort.signal, sending)
  }

  /** Checks that the server can be reached, and logs in if a send would. */
  verify(sending: Sending, callback: Callback): void {
    this.#adoptProxy()
    this.#current = sending
    this.#inner.verify(callback)
    this.#current = undefined
  }

  /** nodemailer moves a proxy's socket handler into the transport when it sends first: it must not replace this one. */
  #adoptProxy(): void {
    const { getSocket } = this.#transporter as { getSocket?: GetSocket | false }
    if (typeof getSocket !== 'function') return
    this.#otherSocket = getSocket
    Object.assign(this.#transporter, { getSocket: false })
  }

  #submit(mail: MailMessage, callback: Callback): unknown {
    const sending = this.#sendings.get(mail.data.signal as AbortSignal)
    this.#watch(mail, sending)
    if (!sending?.message) return this.#send(mail, callback)
    const { envelope } = sending.message
    void this.#prepare(mail, sending).then((error) => {
      if (error) return callback(error)
      // The exact envelope of the message, a new copy for each attempt, because nodemailer writes into it.
      mail.message.getEnvelope = () => ({
        from: envelope.from || false,
        to: [...envelope.to],
        ...(sending.size !== undefined && { size: sending.size }),
        ...(sending.isEightBit && { use8BitMime: true }),
      })
      if (sending.abort.signal.aborted) return callback(new Error('aborted'))
      sending.isSubmitted = true
      this.#current = sending
      this.#send(mail, callback)
      this.#placed(sending)
      return undefined
    })
    return undefined
  }

  /** nodemailer reads the message right before it sends it. */
  #watch(mail: MailMessage, sending: Sending | undefined): void {
    let { message } = mail
    Object.defineProperty(mail, 'message', {
      configurable: true,
      enumerable: true,
      get: () => {
        this.#current = sending
        return message
      },
      set: (value: typeof message) => {
        message = value
      },
    })
    this.#current = sending
  }

  /** Composes content in memory before it connects, so that the size is known and an error costs no connection. */
  async #prepare(mail: MailMessage, sending: Sending): Promise<Error | undefined> {
    const { message } = sending
    if (!message || !isInMemory(message)) return undefined
    try {
      const chunks: Buffer[] = []
      for await (const chunk of mail.message.createReadStream()) chunks.push(chunk as Buffer)
      const bytes = Buffer.concat(chunks)
      sending.size = bytes.length
      sending.isEightBit = !isAscii(bytes)
      mail.message.createReadStream = () => streamOf(bytes)
      return undefined
    } catch (error) {
      sending.contentError ??= contentFailure(error)
      return error as Error
    }
  }

  /** The pool takes messages from its queue in the next turn. Those that are left then have to wait. */
  #placed(sending: Sending): void {
    setImmediate(() =>
      setImmediate(() => {
        sending.isWaiting = sending.attempts.length === 0
        sending.placed.resolve()
      }),
    )
  }

  #getSocket(options: SmtpOptions, callback: Parameters<GetSocket>[1]): void {
    const sending = this.#current
    const plan = connectionPlan(options)
    const conversation = new Conversation(this.secrets, plan.protocol, situationOf(options, plan))
    const channel = new Channel(conversation, plan, () => this.#current, this.#refusedMechanisms)
    sending?.attemptOn(conversation, channel)
    const other: OtherWay = () =>
      new Promise((resolve, reject) => {
        this.#otherSocket(options, (error, found) => {
          if (error) return reject(error)
          // The socket may be flowing already: the first bytes of the server must not be lost.
          if (found) found.connection?.pause()
          return resolve(found || undefined)
        })
      })
    openSocket(
      plan,
      conversation,
      options.connection ? givenSocket(options) : other,
      sending?.abort.signal,
    ).then(
      (socket) => {
        if (channel.destroyed) {
          socket.destroy()
          callback(new Error('the connection is not needed any more'))
          return
        }
        channel.adopt(socket)
        // For nodemailer the connection is encrypted and ready: the channel does or has done what is needed.
        const taken = {
          secure: true,
          secured: true,
          requireTLS: false,
          opportunisticTLS: false,
          ignoreTLS: true,
        }
        callback(null, { ...taken, connection: channel as unknown as Socket })
      },
      (error: Error) => callback(error),
    )
  }
}

function givenSocket({ connection, secured }: SmtpOptions): OtherWay {
  return async () => ({ connection: connection!, ...(secured && { secured }) })
}
