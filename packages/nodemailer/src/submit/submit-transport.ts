import {
  MailError,
  type Delivery,
  type Kind,
  type Message,
  type RecipientOutcome,
  type TransportContext,
  type TransportHealth,
  type Transport,
} from '@loudmail/core'
import { diagnoseAbort, KINDS, tellLate, type MailErrorInit, type Secrets } from '@loudmail/core/transport'
import type { Transporter } from 'nodemailer'
import { localFailure } from '../local-failure.ts'
import { mailData } from '../message/mail-data.ts'
import { secretsOf } from '../secrets.ts'
import { mark, tapSubmissions, type Submission } from './submission.ts'
import { exitFailure, submitFailure, type SubmitFacts } from './submit-failure.ts'
import type { InnerTransport } from '../transporter.ts'

/** What nodemailer returns for a message that was accepted. */
interface Info {
  readonly response?: unknown
  readonly rejected?: unknown
  readonly message?: unknown
}

const CAPTURING = ['JSONTransport', 'StreamTransport']

/** nodemailer's transports that hand a message over as a whole: SES, sendmail, stream, JSON and plugins. */
export class SubmitTransport implements Transport {
  readonly name: string
  readonly #transporter: Transporter
  readonly #inner: InnerTransport
  readonly #secrets: Secrets
  readonly #isCapturing: boolean
  readonly #active = new Set<Promise<unknown>>()
  #closing: Promise<void> | undefined

  constructor(transporter: Transporter, inner: InnerTransport) {
    const { name } = inner
    const label = typeof name === 'string' && /^[\w .:()-]{1,60}$/.test(name) ? name : 'plugin'
    this.name = `nodemailer(${label})`
    this.#transporter = transporter
    this.#inner = inner
    this.#secrets = secretsOf({ ...(inner.options as object), ...(transporter.options as object) })
    this.#isCapturing = CAPTURING.includes(label)
    tapSubmissions(inner)
  }

  async send(message: Message, context: TransportContext = {}): Promise<Delivery> {
    const { signal } = context
    const early = this.#closing ? 'pool-closed' : signal?.aborted ? diagnoseAbort(signal).kind : undefined
    if (early)
      throw new MailError({
        ...this.#about(message),
        ...everybody(message, 'not-attempted'),
        stage: 'queue',
        kind: early,
      })
    if (this.#refusesAddress(message)) throw this.#dashedAddress(message)
    const running = this.#run(
      { message, contentError: undefined, isSubmitted: false, exit: undefined },
      context,
    )
    this.#active.add(running)
    try {
      return await running
    } finally {
      this.#active.delete(running)
    }
  }

  async verify(): Promise<void> {
    if (typeof this.#inner.verify !== 'function') return
    try {
      await this.#transporter.verify()
    } catch (cause) {
      const { status: _, ...facts } = this.#redacted(submitFailure(cause))
      throw new MailError({ ...this.#about(), delivered: 'none', ...facts, cause })
    }
  }

  health(): TransportHealth {
    return { transport: this.name, state: 'up', sending: this.#active.size }
  }

  close(): Promise<void> {
    this.#closing ??= Promise.allSettled(this.#active).then(() => {
      if (typeof this.#inner.close === 'function') this.#transporter.close()
    })
    return this.#closing
  }

  /** Sends until it is done or the caller gives up. If the outcome comes after that, it is reported as a late reply. */
  async #run(submission: Submission, context: TransportContext): Promise<Delivery> {
    const { signal } = context
    const abort = new AbortController()
    mark(abort.signal, submission)
    const ended = Promise.withResolvers<never>()
    const aborted = (): void => {
      ended.reject(this.#aborted(submission, signal!))
      abort.abort()
    }
    signal?.addEventListener('abort', aborted, { once: true })
    const outcome = this.#submit(submission, abort.signal)
    try {
      return await Promise.race([outcome, ended.promise])
    } finally {
      signal?.removeEventListener('abort', aborted)
      // What was opened for its content is closed.
      abort.abort()
      const isLate = signal?.aborted && submission.isSubmitted
      const tell = (late: Delivery | MailError): void => {
        if (isLate) tellLate(context, late)
      }
      void outcome.then(tell, tell)
    }
  }

  async #submit(submission: Submission, signal: AbortSignal): Promise<Delivery> {
    const { message } = submission
    let info: Info
    try {
      const data = mailData(message, signal, (failed) => (submission.contentError ??= failed))
      info = (await this.#transporter.sendMail({ ...data, signal })) ?? {}
      await drain(info.message)
    } catch (cause) {
      throw this.#failure(submission, cause)
    }
    this.#checkPartial(message, info)
    return {
      transport: this.name,
      state: this.#isCapturing ? 'captured' : 'sent',
      response: typeof info.response === 'string' ? this.#secrets.redact(info.response) : undefined,
      failures: [],
    }
  }

  /** A plugin may resolve even though it lists recipients that were refused. */
  #checkPartial(message: Message, { rejected }: Info): void {
    const refused = new Set<unknown>(Array.isArray(rejected) ? rejected.map(addressOf) : [])
    const { to } = message.envelope
    if (!to.some((address) => refused.has(address))) return
    const recipients = to.map<RecipientOutcome>((address) =>
      refused.has(address)
        ? { address, status: 'rejected', kind: 'rejected', scope: 'recipient', permanence: 'permanent' }
        : { address, status: 'accepted' },
    )
    throw new MailError({
      ...this.#about(message),
      stage: 'submit',
      kind: 'rejected',
      scope: 'recipient',
      recipients,
    })
  }

  #failure({ message, contentError, exit, isSubmitted }: Submission, cause: unknown): MailError {
    const about = { ...this.#about(message), cause }
    if (contentError)
      return new MailError({
        ...about,
        ...everybody(message, 'not-attempted'),
        ...contentError,
      })
    if (MailError.is(cause)) return cause.with({ transport: this.name, messageId: message.messageId })
    if (!isSubmitted) {
      const facts = localFailure(cause) ?? { stage: 'compose', kind: 'unexpected' }
      return new MailError({ ...about, ...everybody(message, 'not-attempted'), ...facts })
    }
    const read = exit ? exitFailure(exit, message.envelope.to.length) : submitFailure(cause)
    const { status, ...facts } = this.#redacted(read)
    return new MailError({ ...about, ...facts, ...everybody(message, status, facts.kind, facts.permanence) })
  }

  #aborted({ message, isSubmitted }: Submission, signal: AbortSignal): MailError {
    const isOut = isSubmitted && !this.#isCapturing
    return new MailError({
      ...this.#about(message),
      ...everybody(message, isOut ? 'unknown' : 'not-attempted'),
      stage: isSubmitted ? 'submit' : 'compose',
      kind: diagnoseAbort(signal).kind,
    })
  }

  /** nodemailer's sendmail transport refuses an address that the program could take as an option. */
  #refusesAddress({ envelope }: Message): boolean {
    return (
      this.#inner.name === 'Sendmail' &&
      [envelope.from, ...envelope.to].some((address) => /^"?-/.test(address))
    )
  }

  #dashedAddress(message: Message): MailError {
    return new MailError({
      ...this.#about(message),
      ...everybody(message, 'not-attempted'),
      stage: 'compose',
      kind: 'invalid-address',
      summary: 'an address that begins with a dash cannot be passed to sendmail',
    })
  }

  #redacted(facts: SubmitFacts): SubmitFacts {
    const { reply } = facts
    return reply ? { ...facts, reply: { ...reply, text: this.#secrets.redact(reply.text) } } : facts
  }

  #about(message?: Message): Pick<MailErrorInit, 'transport' | 'messageId' | 'replayable' | 'redact'> {
    return {
      transport: this.name,
      messageId: message?.messageId,
      replayable: message?.replayable ?? true,
      redact: this.#secrets.redact,
    }
  }
}

/** The same outcome for all recipients. They are `rejected` only if the reason is a recipient or the message. */
function everybody(
  { envelope }: Message,
  status: SubmitFacts['status'],
  kind?: Kind,
  permanence?: RecipientOutcome['permanence'],
): { recipients: RecipientOutcome[] } {
  const isAsked = kind !== undefined && ['recipient', 'message'].includes(KINDS[kind].scope)
  const found = status === 'rejected' && !isAsked ? 'not-attempted' : status
  const reason = found === 'rejected' ? { kind, permanence } : {}
  return { recipients: envelope.to.map((address) => ({ address, status: found, ...reason })) }
}

function addressOf(entry: unknown): unknown {
  return typeof entry === 'object' && entry !== null ? (entry as { address?: unknown }).address : entry
}

/** Reads a stream that nobody else receives to its end, so that a failing attachment is noticed. */
async function drain(stream: unknown): Promise<void> {
  if (typeof stream !== 'object' || stream === null || !(Symbol.asyncIterator in stream)) return
  for await (const _ of stream as AsyncIterable<unknown>);
}
