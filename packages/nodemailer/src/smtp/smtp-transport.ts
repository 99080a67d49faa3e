import {
  MailError,
  type Delivery,
  type Message,
  type Transport,
  type TransportContext,
  type TransportHealth,
} from '@loudmail/core'
import {
  diagnoseAbort,
  isPositive,
  tellFailed,
  tellLate,
  tellTrace,
  type Answer,
  type Exchange,
} from '@loudmail/core/transport'
import type { Transporter } from 'nodemailer'
import type { Attempt, Ending } from './attempt.ts'
import { failureOf } from './failure-of.ts'
import { localFailure } from '../local-failure.ts'
import { mailData } from '../message/mail-data.ts'
import { Sending } from './sending.ts'
import { hostAndPort } from './smtp-options.ts'
import { Tap, type SmtpInner } from './tap.ts'

/** nodemailer's SMTP transports, pooled or not: every outcome is read from the conversation, not from an error's text. */
export class SmtpTransport implements Transport {
  readonly name: string
  readonly server: { readonly host: string; readonly port: number }
  readonly #transporter: Transporter
  readonly #tap: Tap
  readonly #active = new Map<Sending, Promise<unknown>>()
  /** Settled as unknown; their late replies are still read. */
  readonly #inDoubt = new Set<Sending>()
  #closing: Promise<void> | undefined
  #isDrained = false

  constructor(transporter: Transporter, inner: SmtpInner) {
    const { host, port } = hostAndPort(inner.options)
    this.server = { host, port }
    this.name = `nodemailer(${host.includes(':') ? `[${host}]` : host}:${port})`
    this.#transporter = transporter
    this.#tap = Tap.on(transporter, inner)
  }

  async send(message: Message, context: TransportContext = {}): Promise<Delivery> {
    const failures: MailError[] = []
    for (;;) {
      const sending = new Sending(message, context, failures)
      const outcome = await this.#sendOnce(sending, message)
      if (!MailError.is(outcome)) return outcome
      if (!canLogInOtherwise(sending, failures.length) || !message.replayable) {
        this.#listenOn(sending)
        throw outcome
      }
      failures.push(outcome.with({ failures: [] }))
      tellFailed(context, outcome)
    }
  }

  async #sendOnce(sending: Sending, message: Message): Promise<Delivery | MailError> {
    this.#refuseEarly(sending)
    sending.movedOn = (attempt) => this.#movedOn(sending, attempt)
    this.#tap.mark(sending)
    const data = mailData(message, sending.reading.signal, (failed) => (sending.contentError ??= failed))
    const error = await this.#run(sending, () =>
      this.#transporter.sendMail({ ...data, signal: sending.abort.signal }),
    )
    const outcome = this.#outcome(sending, error)
    const transcript = outcome.transcript ?? sending.attempt?.transcript
    if (transcript) tellTrace(sending.context, transcript)
    return outcome
  }

  async verify(context: TransportContext = {}): Promise<void> {
    const failures: MailError[] = []
    for (;;) {
      const sending = new Sending(undefined, context, failures)
      const failure = await this.#verifyOnce(sending)
      if (!failure) return
      if (!canLogInOtherwise(sending, failures.length)) throw failure
      failures.push(failure.with({ failures: [] }))
      tellFailed(context, failure)
    }
  }

  async #verifyOnce(sending: Sending): Promise<MailError | undefined> {
    this.#refuseEarly(sending)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const error = await this.#run(sending, () => {
      this.#tap.verify(sending, (problem) => (problem ? reject(problem) : resolve()))
      return promise
    })
    if (sending.attempt) tellTrace(sending.context, sending.attempt.transcript)
    return error && this.#failure(sending, error.cause)
  }

  /** nodemailer does not tell its connections, nor why one failed to open. */
  health(): TransportHealth {
    const sendings = [...this.#active.keys()]
    const waiting = sendings.filter(({ isWaiting }) => isWaiting).length
    return { transport: this.name, state: 'up', waiting, sending: sendings.length - waiting }
  }

  close(): Promise<void> {
    this.#closing ??= this.#drain()
    return this.#closing
  }

  /** Refuses what waits in the pool's queue. A message that has a connection, or gets one at once, may finish. */
  async #drain(): Promise<void> {
    const waiting = [...this.#active].map(async ([sending, settled]) => {
      await Promise.race([sending.placed.promise, settled])
      if (sending.isWaiting)
        this.#end(sending, { kind: 'pool-closed', stage: 'queue' }, 'the transport was closed')
    })
    await Promise.all(waiting)
    await Promise.all(this.#active.values())
    this.#isDrained = true
    for (const sending of this.#inDoubt) sending.carrier?.forget()
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

  /** Runs until it is settled or the caller gives up. Never rejects: a failure is its result. */
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
      sending.reading.abort()
      this.#active.delete(sending)
    }
  }

  /** Ends a send: its connection is cut, and no other message is affected. */
  #end(sending: Sending, ending: Ending, text: string): void {
    sending.ending = ending
    sending.abort.abort()
    sending.carrier?.cut(ending, text)
    sending.ended.reject(new Error(text))
  }

  #outcome(sending: Sending, error: { cause: unknown } | undefined): Delivery | MailError {
    const { attempt, context } = sending
    const answer = attempt?.exchange && isAnsweredWell(attempt.exchange)
    if (!answer) return this.#failure(sending, error?.cause)
    return {
      transport: this.name,
      state: 'sent',
      response: answer.text,
      failures: [...sending.failures],
      transcript: context.trace && attempt.transcript,
    }
  }

  #failure(sending: Sending, cause: unknown): MailError {
    const attempt = sending.isWaiting ? undefined : sending.attempt
    const recipients = sending.message?.envelope.to ?? []
    const about = { ...this.#about(sending), transcript: sending.attempt?.transcript, cause }
    const { contentError } = sending
    if (contentError && !attempt?.exchange?.isWritten)
      return new MailError({ ...about, ...notAttempted(sending), ...contentError })
    const failure = attempt && failureOf(attempt, recipients, sending.ending ?? endingByCode(cause), about)
    if (failure) return failure
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

  /** A failed attempt that nodemailer's pool recovers from on another connection. */
  #movedOn(sending: Sending, attempt: Attempt): void {
    const about = { ...this.#about(sending), failures: [], transcript: attempt.transcript }
    const ending = { kind: 'connection-lost' } as const
    const failure = failureOf(attempt, sending.message?.envelope.to ?? [], ending, about)!
    sending.failures.push(failure)
    tellTrace(sending.context, attempt.transcript)
    tellFailed(sending.context, failure)
  }

  /** A late reply settles an unknown outcome. */
  #listenOn(sending: Sending): void {
    const { attempt, context } = sending
    if (!attempt?.isInDoubt || !context.late) return
    // The last send settles at the same moment as close() has waited for it.
    if (this.#isDrained) return sending.carrier?.forget()
    this.#inDoubt.add(sending)
    attempt.concluded = () => {
      this.#inDoubt.delete(sending)
      tellLate(context, this.#outcome(sending, undefined))
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

/** A mechanism for each attempt: of PLAIN, LOGIN and CRAM-MD5, or one of the caller. */
const MOST_LOG_INS = 4

/** Whether only the mechanism of the log-in was refused: the next connection uses another one. */
function canLogInOtherwise({ attempt, ending }: Sending, earlier: number): boolean {
  if (!attempt || attempt.exchange || ending) return false
  return attempt.course.hasOtherMechanism && earlier < MOST_LOG_INS
}

function notAttempted({ message }: Sending): { recipients: { address: string; status: 'not-attempted' }[] } {
  return { recipients: (message?.envelope.to ?? []).map((address) => ({ address, status: 'not-attempted' })) }
}

/** The last final reply, if every recipient got a positive one. */
function isAnsweredWell({ message, rcpt, final }: Exchange): Answer | undefined {
  const isAccepted = message.envelope.to.every(
    (_, index) => isPositive(rcpt[index]) && isPositive(final[index]),
  )
  return isAccepted ? final.at(-1) : undefined
}

function endingOf(signal: AbortSignal): Ending {
  return { kind: diagnoseAbort(signal).kind, cause: signal.reason }
}

/** nodemailer has its own time-outs, for example for the greeting. They end the connection from this side. */
function endingByCode(error: unknown): Ending | undefined {
  const { code } = (error ?? {}) as { code?: unknown }
  if (code === 'ETIMEDOUT') return { kind: 'timeout' }
  return code === 'ECONNECTION' || code === 'ESOCKET' ? { kind: 'connection-lost' } : undefined
}
