import { MailError, type Delivery, type Message, type TransportContext, type Transport } from '@loudmail/core'
import type { Transporter } from 'nodemailer'
import type { Attempt } from './attempt.ts'
import type { Ending } from './conversation.ts'
import { failureOf } from './failure-of.ts'
import { contentFailure, localFailure } from '../local-failure.ts'
import { mailData } from '../message/mail-data.ts'
import { Sending } from './sending.ts'
import { hostAndPort } from './smtp-options.ts'
import { Tap, type SmtpInner } from './tap.ts'

/** nodemailer's SMTP transports, pooled or not: every outcome is read from the conversation, not from an error's text. */
export class SmtpTransport implements Transport {
  readonly name: string
  readonly #transporter: Transporter
  readonly #tap: Tap
  readonly #active = new Map<Sending, Promise<unknown>>()
  /** Settled as unknown; their connections are still listened to. */
  readonly #inDoubt = new Set<Sending>()
  #closing: Promise<void> | undefined

  constructor(transporter: Transporter, inner: SmtpInner) {
    const { host, port } = hostAndPort(inner.options)
    this.name = `nodemailer(${host.includes(':') ? `[${host}]` : host}:${port})`
    this.#transporter = transporter
    this.#tap = Tap.on(transporter, inner)
  }

  async send(message: Message, context: TransportContext = {}): Promise<Delivery> {
    const sending = new Sending(message, context)
    this.#refuseEarly(sending)
    sending.movedOn = (attempt) => this.#movedOn(sending, attempt)
    this.#tap.mark(sending)
    const data = mailData(message, (cause) => (sending.contentError ??= { cause }))
    const error = await this.#run(sending, () =>
      this.#transporter.sendMail({ ...data, signal: sending.abort.signal }),
    )
    const outcome = this.#outcome(sending, error)
    if (sending.attempt) context.trace?.add(sending.attempt.transcript)
    if (!MailError.is(outcome)) return outcome
    this.#listenOn(sending)
    throw outcome
  }

  async verify(context: TransportContext = {}): Promise<void> {
    const sending = new Sending(undefined, context)
    this.#refuseEarly(sending)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const error = await this.#run(sending, () => {
      this.#tap.verify(sending, (problem) => (problem ? reject(problem) : resolve()))
      return promise
    })
    if (sending.attempt) context.trace?.add(sending.attempt.transcript)
    if (error) throw this.#failure(sending, error.cause)
  }

  close(): Promise<void> {
    this.#closing ??= this.#drain()
    return this.#closing
  }

  /** What stands in the pool's queue behind others is refused; what has a connection, or gets one at once, ends by itself. */
  async #drain(): Promise<void> {
    const waiting = [...this.#active].map(async ([sending, settled]) => {
      await Promise.race([sending.placed.promise, settled])
      if (sending.isWaiting)
        this.#end(sending, { kind: 'pool-closed', stage: 'queue' }, 'the transport was closed')
    })
    await Promise.all(waiting)
    await Promise.all(this.#active.values())
    for (const sending of this.#inDoubt) sending.channel?.forget()
    this.#transporter.close()
  }

  #refuseEarly(sending: Sending): void {
    const kind = this.#closing
      ? 'pool-closed'
      : sending.context.signal?.aborted
        ? endingOf(sending.context.signal).kind
        : undefined
    if (kind) throw new MailError({ ...this.#about(sending), ...notAttempted(sending), stage: 'queue', kind })
  }

  /** Runs to its end, or to that of the caller's patience. Never rejects: what went wrong is the result. */
  async #run(sending: Sending, run: () => Promise<unknown>): Promise<{ cause: unknown } | undefined> {
    const { signal } = sending.context
    const aborted = (): void => this.#end(sending, endingOf(signal!), 'the caller ended the send')
    signal?.addEventListener('abort', aborted, { once: true })
    const settled = Promise.race([run(), sending.ended.promise]).then(
      () => undefined,
      (cause: unknown) => ({ cause }),
    )
    this.#active.set(sending, settled)
    try {
      return await settled
    } finally {
      signal?.removeEventListener('abort', aborted)
      this.#active.delete(sending)
    }
  }

  /** Ends a send from outside: its connection is cut, and no other message is touched. */
  #end(sending: Sending, ending: Ending, text: string): void {
    sending.ending = ending
    if (!sending.isWaiting) sending.attempt?.conversation.end(ending, text)
    sending.abort.abort()
    sending.channel?.cut()
    sending.ended.reject(new Error(text))
  }

  #outcome(sending: Sending, error: { cause: unknown } | undefined): Delivery | MailError {
    const { attempt, message, context } = sending
    const replies = message!.envelope.to.map((address) => attempt?.final.get(address))
    if (replies.some((reply) => reply === undefined || reply.code >= 300))
      return this.#failure(sending, error?.cause)
    const { code, enhanced, text } = replies.at(-1)!
    return {
      transport: this.name,
      state: 'sent',
      response: [code, enhanced, text].filter(Boolean).join(' '),
      failures: [...sending.failures],
      transcript: context.trace && attempt?.transcript,
    }
  }

  #failure(sending: Sending, cause: unknown): MailError {
    const attempt = sending.isWaiting ? undefined : sending.attempt
    const recipients = sending.message?.envelope.to ?? []
    const about = { ...this.#about(sending), transcript: sending.attempt?.transcript, cause }
    const { contentError } = sending
    if (contentError && !attempt?.isComplete)
      return new MailError({ ...about, ...notAttempted(sending), ...contentFailure(contentError) })
    const facts = attempt && failureOf(attempt, recipients, sending.ending ?? endingByCode(cause))
    if (facts)
      return new MailError({ ...about, cause: attempt.conversation.ending?.cause ?? cause, ...facts })
    if (sending.ending) {
      const { kind, stage = 'queue' } = sending.ending
      return new MailError({ ...about, ...notAttempted(sending), stage, kind })
    }
    const local = localFailure(cause)
    if (local) return new MailError({ ...about, ...notAttempted(sending), ...local })
    if (!sending.isSubmitted || this.#closing)
      return new MailError({
        ...about,
        ...notAttempted(sending),
        stage: this.#closing ? 'queue' : 'compose',
        kind: this.#closing ? 'pool-closed' : 'unexpected',
      })
    const status = attempt?.isInDoubt || !attempt ? 'unknown' : 'not-attempted'
    return new MailError({
      ...about,
      stage: 'submit',
      kind: 'unexpected',
      recipients: recipients.map((address) => ({ address, status })),
    })
  }

  /** A try that nodemailer's pool goes on from, over another connection. */
  #movedOn(sending: Sending, attempt: Attempt): void {
    const facts = failureOf(attempt, sending.message?.envelope.to ?? [], { kind: 'connection-lost' })!
    const failure = new MailError({
      ...this.#about(sending),
      failures: [],
      transcript: attempt.transcript,
      ...facts,
    })
    sending.failures.push(failure)
    sending.context.trace?.add(attempt.transcript)
    sending.context.failed?.(failure)
  }

  /** A reply that comes after all settles what was unknown. */
  #listenOn(sending: Sending): void {
    const { attempt, context } = sending
    if (!attempt?.isInDoubt || !context.late) return
    this.#inDoubt.add(sending)
    attempt.concluded = () => {
      this.#inDoubt.delete(sending)
      context.late?.(this.#outcome(sending, undefined))
    }
  }

  #about(sending: Sending): {
    transport: string
    messageId: string | undefined
    replayable: boolean
    redact: (text: string) => string
    failures: readonly MailError[]
  } {
    return {
      transport: this.name,
      messageId: sending.message?.messageId,
      replayable: sending.message?.replayable ?? true,
      redact: this.#tap.secrets.redact,
      failures: [...sending.failures],
    }
  }
}

function notAttempted({ message }: Sending): { recipients: { address: string; status: 'not-attempted' }[] } {
  return { recipients: (message?.envelope.to ?? []).map((address) => ({ address, status: 'not-attempted' })) }
}

function endingOf(signal: AbortSignal): Ending {
  const isTimeout = (signal.reason as { name?: unknown } | undefined)?.name === 'TimeoutError'
  return { kind: isTimeout ? 'timeout' : 'aborted', cause: signal.reason }
}

/** nodemailer has clocks of its own, for the greeting say; they end the connection from this side. */
function endingByCode(error: unknown): Ending | undefined {
  const { code } = (error ?? {}) as { code?: unknown }
  if (code === 'ETIMEDOUT') return { kind: 'timeout' }
  return code === 'ECONNECTION' || code === 'ESOCKET' ? { kind: 'connection-lost' } : undefined
}
