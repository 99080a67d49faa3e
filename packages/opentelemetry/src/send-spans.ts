import type { TracedAttempt, TracedLateReply, TracedOutcome, TracedSend } from '@loudmail/core'
import { tracedDetails } from '@loudmail/core/transport'
import {
  context,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Span,
  type Tracer,
} from '@opentelemetry/api'
import { failureAttributes, outcomeAttributes, serverAttributes } from './send-attributes.ts'

/** What spans show although it is content. */
export interface Shown {
  readonly recipients: boolean
  readonly subject: boolean
}

/** A span for every send, and one for each of its attempts as a child. */
export class SendSpans {
  readonly #tracer: Tracer
  readonly #shown: Shown
  /** The contexts of what began. A late reply needs that of its send. */
  readonly #contexts = new WeakMap<TracedSend | TracedAttempt, Context>()
  readonly #open = new Set<Span>()

  constructor(tracer: Tracer, shown: Shown) {
    this.#tracer = tracer
    this.#shown = shown
  }

  /** The context with the span of a send, which begins with the first call. */
  sendContext(send: TracedSend): Context {
    const attributes = {
      'mail.transport': send.transport,
      ...ofMessage(send),
      'mail.in_background': send.inBackground,
      ...this.#content(send),
    }
    return this.#begin(send, 'mail send', SpanKind.PRODUCER, attributes, () => context.active())
  }

  endSend(send: TracedSend): void {
    const { attempts, renderMs } = send
    if (renderMs !== undefined) {
      const span = this.#spanOf(send)
      // The message was not known when the send started.
      span?.setAttributes({ ...ofMessage(send), ...this.#content(send) })
      span?.addEvent('mail.compose', { 'mail.stage.duration': renderMs / 1_000 }, send.startedAt)
    }
    this.#end(send, { 'mail.attempts': attempts, ...failureAttributes(send) })
  }

  /** The context with the span of an attempt, which begins with the first call. */
  attemptContext(attempt: TracedAttempt): Context {
    const { send, number, transport, recipients } = attempt
    const attributes = {
      'mail.transport': transport,
      'mail.attempt.number': number,
      'mail.recipients.count': recipients,
      ...serverAttributes(attempt),
      ...this.#content(attempt),
    }
    // A send that began before this was active has no span.
    const parent = (): Context => (send && this.#contexts.get(send)) ?? context.active()
    return this.#begin(attempt, 'mail attempt', SpanKind.CLIENT, attributes, parent)
  }

  endAttempt(attempt: TracedAttempt): void {
    const span = this.#spanOf(attempt)
    for (const { stage, atMs, durationMs, reply } of attempt.stages) {
      const attributes = { 'mail.stage.duration': durationMs / 1_000, ...replyAttributes(reply) }
      span?.addEvent(`mail.${stage}`, attributes, attempt.startedAt + atMs)
    }
    this.#end(attempt, {})
  }

  /** A span that follows that of the send, which has ended. */
  lateReply(late: TracedLateReply): void {
    const parent = this.#contexts.get(late.send)
    if (!parent) return
    const span = this.#tracer.startSpan('mail late reply', { kind: SpanKind.INTERNAL }, parent)
    span.setAttributes(
      known({ 'mail.transport': late.send.transport, 'mail.message.id': late.send.messageId }),
    )
    conclude(span, late)
    span.end()
  }

  /** Ends every open span. What happens later is not recorded. */
  stop(): void {
    for (const span of this.#open) span.end()
    this.#open.clear()
  }

  #begin(
    payload: TracedSend | TracedAttempt,
    name: string,
    kind: SpanKind,
    attributes: Attributes,
    parentOf: () => Context,
  ): Context {
    const begun = this.#contexts.get(payload)
    if (begun) return begun
    const parent = parentOf()
    const startTime = payload.startedAt
    const span = this.#tracer.startSpan(name, { kind, attributes: known(attributes), startTime }, parent)
    this.#open.add(span)
    const own = trace.setSpan(parent, span)
    this.#contexts.set(payload, own)
    return own
  }

  #end(payload: TracedSend | TracedAttempt, attributes: Attributes): void {
    const span = this.#spanOf(payload)
    if (!span || !this.#open.delete(span)) return
    const endedAt = payload.startedAt + payload.durationMs!
    span.setAttributes(attributes)
    conclude(span, payload, endedAt)
    span.end(endedAt)
  }

  #spanOf(payload: TracedSend | TracedAttempt): Span | undefined {
    const begun = this.#contexts.get(payload)
    return begun && trace.getSpan(begun)
  }

  #content(payload: TracedSend | TracedAttempt): Attributes {
    if (!this.#shown.recipients && !this.#shown.subject) return {}
    const message = tracedDetails(payload)?.message
    if (!message) return {}
    return {
      ...(this.#shown.recipients && { 'mail.recipients': [...message.envelope.to] }),
      ...(this.#shown.subject && 'subject' in message && { 'mail.subject': message.subject }),
    }
  }
}

function ofMessage({ messageId, recipients }: TracedSend): Attributes {
  return known({ 'mail.message.id': messageId, 'mail.recipients.count': recipients })
}

function conclude(span: Span, outcome: TracedOutcome, endedAt?: number): void {
  const { error, reply } = outcome
  span.setAttributes({ ...outcomeAttributes(outcome), ...replyAttributes(reply) })
  if (!error) return
  const { name, message } = error
  // Without a stack: that of the failure begins with what the server said.
  span.recordException({ name, message }, endedAt)
  span.setStatus({ code: SpanStatusCode.ERROR, message })
}

function replyAttributes(reply: TracedOutcome['reply']): Attributes {
  return reply ? known({ 'mail.reply.code': reply.code, 'mail.reply.enhanced': reply.enhanced }) : {}
}

/** Exporters would show an attribute without a value. */
function known(attributes: Attributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined))
}
