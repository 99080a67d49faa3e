import { hintFor } from './advice.ts'
import { longestWait, withWaits } from './retry-after.ts'
import { frozenOutcome, frozenReply, frozenTranscript } from './frozen.ts'
import { SUMMARIES } from './hints.ts'
import { redactCredentials } from '../redaction/credentials.ts'
import type { Redact } from './redact.ts'
import { canTryRecipientAgain, type RecipientOutcome, type Reply } from './recipient-outcome.ts'
import type { Situation } from './situation.ts'
import { ownLocation, placeOf, type SourceLocation } from './source-location.ts'
import { joinTranscripts, visible, type Transcript } from './transcript.ts'
import {
  KINDS,
  type Delivered,
  type FailureCode,
  type Kind,
  type Permanence,
  type Scope,
  type Stage,
} from './vocabulary.ts'

/**
 * What a failure is created from. Everything except `stage` and `kind` has a default that follows from the rest. Transports
 * often learn these two only at run time, so every pair is allowed, even one that `FailureCode` does not list.
 */
export interface MailErrorInit {
  /** The step that failed. */
  readonly stage: Stage
  /** What happened there. */
  readonly kind: Kind
  /** What happened, without the code. @default the text of the kind, and the reply if there is one */
  readonly summary?: string | undefined
  /** @default follows the kind */
  readonly scope?: Scope | undefined
  /** @default from the recipients, otherwise from the reply, otherwise from the kind */
  readonly permanence?: Permanence | undefined
  /** @default from the recipients, otherwise 'none' */
  readonly delivered?: Delivered | undefined
  /** What the server said, if it said something. */
  readonly reply?: Reply | undefined
  /** What became of each recipient. @default none */
  readonly recipients?: readonly RecipientOutcome[] | undefined
  /** How long the server or the provider asks to wait before the next attempt, in ms. A reply to a recipient that says otherwise decides for that one. @default what the replies say */
  readonly retryAfterMs?: number | undefined
  /** False if the message can be read only once. @default true */
  readonly replayable?: boolean | undefined
  /** @default follows from the rest */
  readonly hint?: string | undefined
  /** What the hint may take into account. */
  readonly situation?: Situation | undefined
  /** The failure of each attempt or of each inner transport. @default none */
  readonly failures?: readonly MailError[] | undefined
  /** Where the source of the failure is, such as the line of a template. @default none */
  readonly location?: SourceLocation | undefined
  /** The name of the transport that failed. */
  readonly transport?: string | undefined
  /** The Message-ID of the message, with its angle brackets. */
  readonly messageId?: string | undefined
  /** The conversation. @default those of `failures` */
  readonly transcript?: Transcript | undefined
  /** Kept as a copy with only its name, message, code, stack and inner errors. */
  readonly cause?: unknown
  /** Removes secrets from the message and the cause. */
  readonly redact?: Redact | undefined
}

const INSPECT = Symbol.for('nodejs.util.inspect.custom')
const BRAND = Symbol.for('loudmail.MailError')
const MOST_RECIPIENTS = 20
const MOST_FAILURES = 10
/** The most characters of a summary, and of a server's reply. */
const MOST_TEXT = 2_000

/**
 * A failed send or a configuration mistake, in full: where it failed, what happened, whose fault it is, what was delivered
 * and what to do. It cannot be changed.
 */
export class MailError extends Error {
  /** Always `MailError`. */
  override readonly name = 'MailError'
  /** `stage/kind`, such as `auth/bad-credentials`: one string to log, to compare and to look up. */
  readonly code: FailureCode
  /** What happened, without the code. */
  readonly summary: string
  /** The step that failed, such as `connect` or `rcpt-to`. */
  readonly stage: Stage
  /** What happened at that step, such as `mailbox-full`. */
  readonly kind: Kind
  /** Whose fault it is. Another transport can help only if it is `transport`. */
  readonly scope: Scope
  /** `transient` if it is transient for any recipient. */
  readonly permanence: Permanence
  /** `unknown` if it is unknown for any recipient, otherwise `some` if any was accepted. */
  readonly delivered: Delivered
  /** At least one recipient can be tried again without the risk of a second copy. */
  readonly retryable: boolean
  /**
   * How long the server or the provider asks to wait before the next attempt, in ms; undefined if it does not say. It is
   * the longest wait of the recipients that are not settled, and at most a day.
   */
  readonly retryAfterMs: number | undefined
  /** What the server said; undefined if it said nothing. */
  readonly reply: Reply | undefined
  /** What became of each recipient of the envelope. */
  readonly recipients: readonly RecipientOutcome[]
  /** What to do about it, in one or two sentences. */
  readonly hint: string
  /** The failure of each attempt or of each inner transport. */
  readonly failures: readonly MailError[]
  /** Where the source of the failure is, such as the line of a template; undefined if there is none. */
  readonly location: SourceLocation | undefined
  /** The name of the transport that failed; undefined if none was involved. */
  readonly transport: string | undefined
  /** The Message-ID, with its angle brackets; undefined if the message could not be built. */
  readonly messageId: string | undefined
  /** The conversation with the server, without secrets; undefined if there was none. */
  readonly transcript: Transcript | undefined
  readonly #replayable: boolean
  readonly #situation: Situation | undefined

  constructor(init: MailErrorInit) {
    const redact: Redact = (text) => redactCredentials(init.redact ? init.redact(text) : text)
    const code = `${init.stage}/${init.kind}` as FailureCode
    const what = oneLine(redact(init.summary ?? summarise(init)))
    const location = init.location && ownLocation(init.location, redact)
    const where = location ? ` (${placeOf(location)})` : ''
    super(`${code}: ${what}${where}${init.transport === undefined ? '' : ` [${init.transport}]`}`)
    const cause = init.cause === undefined ? undefined : sanitiseCause(init.cause, redact)
    Object.defineProperty(this, 'cause', { value: cause, configurable: true })
    this.code = code
    this.summary = what
    this.stage = init.stage
    this.kind = init.kind
    this.scope = init.scope ?? KINDS[init.kind].scope
    const outcomes = init.recipients ?? []
    this.delivered = init.delivered ?? deliveredTo(outcomes)
    this.permanence = init.permanence ?? permanenceOf(init, outcomes, this.delivered)
    const facts = { ...init, permanence: this.permanence, asked: init.retryAfterMs }
    this.recipients = Object.freeze(withWaits(outcomes, facts).map(frozenOutcome))
    this.retryAfterMs = longestWait(this.recipients, facts)
    this.#replayable = init.replayable ?? true
    this.retryable = this.#replayable && canTryAgain(this.recipients, this.permanence, this.delivered)
    this.reply = init.reply && frozenReply(init.reply)
    this.#situation = init.situation
    this.hint = init.hint ?? hintFor(this, init.situation)
    this.failures = Object.freeze([...(init.failures ?? [])])
    this.location = location
    this.transport = init.transport
    this.messageId = init.messageId
    const transcript = init.transcript ?? joinTranscripts(this.failures.map((failure) => failure.transcript))
    this.transcript = transcript && frozenTranscript(transcript)
    Object.defineProperty(this, BRAND, { value: true })
    lock(this)
  }

  /** The same failure with some properties replaced. If `recipients` changes, what follows from them is computed again. */
  with(changes: Partial<MailErrorInit>): MailError {
    const {
      stage,
      kind,
      summary,
      scope,
      retryAfterMs,
      reply,
      recipients,
      failures,
      location,
      transport,
      messageId,
      transcript,
      cause,
    } = this
    const facts = {
      stage,
      kind,
      summary,
      scope,
      // Recipients have their own.
      ...(recipients.length === 0 && { retryAfterMs }),
      reply,
      recipients,
      failures,
      location,
      transport,
      messageId,
      transcript,
      cause,
    }
    const replayable = this.#replayable
    const situation = this.#situation
    const derived = changes.recipients
      ? { replayable, situation }
      : { replayable, situation, permanence: this.permanence, delivered: this.delivered, hint: this.hint }
    return new MailError({ ...facts, ...derived, ...changes })
  }

  /** Makes `instanceof` work like {@link is}. Frameworks use it to find a filter. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return MailError.is(value)
  }

  /** Whether a value is a MailError, even from another copy of this package. */
  static is(this: void, value: unknown): value is MailError
  /** Whether a value is a MailError with this code, or with one of these codes. */
  static is<Code extends FailureCode>(
    this: void,
    value: unknown,
    code: Code | readonly Code[],
  ): value is MailError & { readonly code: Code }
  static is(this: void, value: unknown, code?: FailureCode | readonly FailureCode[]): boolean {
    try {
      const isMailError =
        typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[BRAND] === true
      if (!isMailError) return false
    } catch {
      // Some objects throw when a property is read, such as a revoked proxy.
      return false
    }
    // As a callback of `filter()` it also receives an index.
    if (typeof code !== 'string' && !Array.isArray(code)) return true
    return [code].flat().includes((value as MailError).code)
  }

  /** A bounded summary for logs: no transcript, no stack, at most 20 recipients and 10 failures. */
  toJSON(): Record<string, unknown> {
    return {
      name: this.name,
      code: this.code,
      message: this.message,
      stage: this.stage,
      kind: this.kind,
      scope: this.scope,
      permanence: this.permanence,
      delivered: this.delivered,
      retryable: this.retryable,
      retryAfterMs: this.retryAfterMs,
      reply: bounded(this.reply),
      recipients: this.recipients
        .slice(0, MOST_RECIPIENTS)
        .map((recipient) =>
          recipient.reply ? { ...recipient, reply: bounded(recipient.reply) } : recipient,
        ),
      ...(this.recipients.length > MOST_RECIPIENTS && { recipientCount: this.recipients.length }),
      hint: this.hint,
      failures: this.failures
        .slice(0, MOST_FAILURES)
        .map((failure) => ({ code: failure.code, message: failure.message })),
      ...(this.failures.length > MOST_FAILURES && { failureCount: this.failures.length }),
      location: this.location,
      transport: this.transport,
      messageId: this.messageId,
    }
  }

  [INSPECT](_depth: number, options: object, print: (value: unknown, options: object) => string): string {
    const { name: _, message: __, ...facts } = this.toJSON()
    const shown = Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined))
    const cause = this.cause === undefined ? {} : { cause: this.cause }
    const excerpt = this.location?.excerpt
    // The lines of an excerpt stand below each other.
    const before = [this.stack ?? String(this), ...(excerpt === undefined ? [] : [excerpt])]
    if (this.location) shown.location = placeOf(this.location)
    return `${before.join('\n')} ${print({ ...shown, ...cause }, { ...options, depth: 3 })}`
  }
}

/**
 * Makes the properties of an error read-only. The error is not frozen, because Node and frameworks add properties of their
 * own, and the caller's frames are added to `stack`.
 */
function lock(error: MailError): void {
  const names = [...Object.keys(error), 'message', 'cause', 'with', 'toJSON', INSPECT] as (keyof MailError)[]
  for (const name of names)
    Object.defineProperty(error, name, { value: error[name], writable: false, configurable: false })
}

/** A summary may contain text from a server, a program or a caller, so it is kept short and on one line for logs. */
function oneLine(text: string): string {
  return visible(text.replaceAll(/\r?\n/g, ' ')).slice(0, MOST_TEXT)
}

function bounded(reply: Reply | undefined): Reply | undefined {
  return reply && reply.text.length > MOST_TEXT
    ? { ...reply, text: `${reply.text.slice(0, MOST_TEXT)}...` }
    : reply
}

function summarise(init: MailErrorInit): string {
  if (!init.reply) return SUMMARIES[init.kind]
  const { code, enhanced, text } = init.reply
  const words = text.slice(0, 300)
  return `${SUMMARIES[init.kind]}: ${[code, enhanced, words].filter(Boolean).join(' ')}`
}

function deliveredTo(recipients: readonly RecipientOutcome[]): Delivered {
  if (recipients.some((recipient) => recipient.status === 'unknown')) return 'unknown'
  return recipients.some((recipient) => recipient.status === 'accepted') ? 'some' : 'none'
}

function permanenceOf(
  init: MailErrorInit,
  recipients: readonly RecipientOutcome[],
  delivered: Delivered,
): Permanence {
  const failed = recipients.filter((recipient) => recipient.status !== 'accepted')
  if (failed.some((recipient) => recipient.permanence === 'transient')) return 'transient'
  if (delivered === 'unknown') return 'unknown'
  if (failed.length > 0 && failed.every((recipient) => recipient.permanence === 'permanent'))
    return 'permanent'
  return kindPermanence(init.kind, init.reply?.protocol === 'http' ? undefined : init.reply?.code)
}

/** Somebody has to change something first, whatever the basic code says. */
const PERMANENT: readonly Kind[] = ['account-blocked', 'sender-not-owned', 'suppressed']

/** The permanence of a failure of this kind. The basic code of the reply decides, otherwise the kind. */
export function kindPermanence(kind: Kind, replyCode?: number): 'permanent' | 'transient' {
  if (PERMANENT.includes(kind)) return 'permanent'
  if (replyCode === 503 || kind === 'too-many-recipients') return 'transient'
  // No SMTP reply begins with 40. Some providers send the status of HTTP, in which this is permanent.
  if (replyCode !== undefined && replyCode > 400 && replyCode < 408) return 'permanent'
  if (replyCode !== undefined && replyCode >= 400) return replyCode < 500 ? 'transient' : 'permanent'
  return 'transient' in KINDS[kind] ? 'transient' : 'permanent'
}

function canTryAgain(
  recipients: readonly RecipientOutcome[],
  permanence: Permanence,
  delivered: Delivered,
): boolean {
  if (permanence !== 'transient') return false
  if (recipients.length === 0) return delivered === 'none'
  return recipients.some((recipient) => canTryRecipientAgain(recipient, permanence))
}

/** Whose fault it is that a recipient did not get the message. Its own reason decides, otherwise the whole failure. */
export function scopeOfRecipient(recipient: RecipientOutcome, error: MailError): Scope {
  return recipient.scope ?? (recipient.kind ? KINDS[recipient.kind].scope : error.scope)
}

/**
 * A bounded copy with only the usual properties of an error, because a cause may contain requests, headers and options. It
 * never throws, whatever the cause is: otherwise the failure itself would be lost.
 */
function sanitiseCause(cause: unknown, redact: Redact, depth = 0): unknown {
  if (MailError.is(cause)) return cause
  const words = (value: unknown): string => redact(typeof value === 'string' ? value : '').slice(0, 2000)
  try {
    if (typeof cause !== 'object' || cause === null) return words(String(cause))
    const { name, message, stack, code, cause: deeper, errors } = cause as Record<string, unknown>
    const said = typeof message === 'string' ? message : `an object with ${Object.keys(cause).join(', ')}`
    const copy = new Error(words(said))
    const value = words(name) || 'Error'
    Object.defineProperty(copy, 'name', { value, configurable: true, writable: true })
    copy.stack = typeof stack === 'string' ? redact(stack).slice(0, 8000) : String(copy)
    if (typeof code === 'string') Object.assign(copy, { code: words(code) })
    if (typeof code === 'number') Object.assign(copy, { code })
    if (deeper !== undefined && depth < 3) copy.cause = sanitiseCause(deeper, redact, depth + 1)
    if (Array.isArray(errors) && depth < 3) {
      // One for each address that was tried.
      const each = errors.slice(0, MOST_FAILURES).map((error) => sanitiseCause(error, redact, depth + 1))
      Object.assign(copy, { errors: Object.freeze(each) })
    }
    return Object.freeze(copy)
  } catch {
    return 'something that cannot be read'
  }
}
