import { lateReplyChannel, publishEnd, publishStart, sendChannel } from './channels.ts'
import type { MailError } from '../failure/mail-error.ts'
import type { Message } from '../message/message.ts'
import { tracedOutcome } from './outcome.ts'
import type { Receipt } from '../mailer/receipt.ts'
import { setDetails, setResult, tracedDetails } from './traced-details.ts'
import type { TracedLateReply, TracedMailer, TracedSend } from './traced-send.ts'
import type { Delivery } from '../transports/transport.ts'
import { toWallClock } from './wall-clock.ts'

/** What is known when a send starts. */
interface Start {
  readonly startedAt: number
  readonly message: Message | undefined
  readonly inBackground?: boolean
  readonly options: { readonly context?: Readonly<Record<string, unknown>> | undefined }
}

/** A send that subscribers hear of. */
export function tracedSend(
  { startedAt, message, options, inBackground }: Start,
  transport: string,
  mailer: TracedMailer,
): TracedSend {
  const traced: TracedSend = {
    messageId: message?.messageId,
    transport,
    recipients: message?.envelope.to.length,
    context: options.context,
    inBackground: inBackground ?? false,
    mailer,
    startedAt: toWallClock(startedAt),
    attempts: 0,
  }
  setDetails(traced, message)
  return traced
}

/** What is known of a send once its template is rendered, or has failed. */
export function setRendered(traced: TracedSend, { startedAt, message }: Start): void {
  Object.assign(traced, {
    messageId: message?.messageId,
    recipients: message?.envelope.to.length,
    renderMs: performance.now() - startedAt,
  })
  setDetails(traced, message)
}

/** Begins a send and publishes that it started. */
export function publishSendStart<Result>(traced: TracedSend, run: () => Result): Result {
  return publishStart(sendChannel, traced, run)
}

/** Publishes how a send ended. */
export function publishSendEnd(traced: TracedSend, result: Delivery | MailError, receipt: Receipt): void {
  const { silenced, durationMs, messageId } = receipt
  Object.assign(traced, tracedOutcome(result), { silenced, durationMs, messageId })
  setResult(traced, result)
  publishEnd(sendChannel, traced)
}

/** Publishes what became known after a send had settled. */
export function publishLateReply(send: TracedSend, result: Delivery | MailError): void {
  if (!lateReplyChannel.hasSubscribers) return
  const late: TracedLateReply = {
    send,
    ...tracedOutcome(result),
    state: 'state' in result ? result.state : 'failed',
    durationMs: toWallClock(performance.now()) - send.startedAt,
  }
  setDetails(late, tracedDetails(send)?.message)
  setResult(late, result)
  lateReplyChannel.publish(late)
}
