import { attemptChannel, publishEnd, publishStart } from './channels.ts'
import { MailError } from '../failure/mail-error.ts'
import type { Message } from '../message/message.ts'
import { tracedOutcome } from './outcome.ts'
import { stagesOf } from './stages-of.ts'
import { tellTrace } from '../transports/tell.ts'
import type { TracedAttempt, TracedStage } from './traced-attempt.ts'
import { setDetails, setResult } from './traced-details.ts'
import type { Stage } from '../failure/vocabulary.ts'
import type { TracedSend } from './traced-send.ts'
import type { Transcript } from '../failure/transcript.ts'
import type { Delivery, Transport, TransportContext } from '../transports/transport.ts'
import { toWallClock } from './wall-clock.ts'

type Send = (
  transport: Transport,
  message: Message,
  context: TransportContext,
) => Promise<Delivery | MailError>

/** Sends, and publishes to the channel `loudmail:attempt`. The result is the same as without subscribers. */
export function traceAttempt(
  transport: Transport,
  message: Message,
  context: TransportContext = {},
  send: Send,
): Promise<Delivery | MailError> {
  const started = performance.now()
  const heard: Transcript[] = []
  const stages: TracedStage[] = []
  const add = (transcript: Transcript): void => {
    heard.push(transcript)
    stages.push(...stagesOf(transcript, started))
    tellTrace(context, transcript)
  }
  const attempt: Mutable<TracedAttempt> = {
    send: context.tracing,
    number: context.tracing ? ++(context.tracing as Mutable<TracedSend>).attempts : 1,
    transport: transport.name,
    server: transport.server && { host: transport.server.host, port: transport.server.port },
    recipients: message.envelope.to.length,
    startedAt: toWallClock(started),
    stages: [],
  }
  setDetails(attempt, message)
  const sending = publishStart(attemptChannel, attempt, () =>
    send(transport, message, { ...context, trace: { add } }),
  )
  return sending.then((result) => {
    const durationMs = performance.now() - started
    if (MailError.is(result)) addFailed(stages, result.stage, durationMs)
    Object.assign(attempt, tracedOutcome(result), { stages, durationMs })
    setResult(attempt, result)
    publishEnd(attemptChannel, attempt)
    // Without a trace of the caller's, only failures have a transcript.
    const isOurs = !context.trace && !MailError.is(result) && heard.includes(result.transcript!)
    return isOurs ? { ...result, transcript: undefined } : result
  })
}

/** The stage that failed, if its conversation has no line, such as that of a connection that was refused. */
function addFailed(stages: TracedStage[], stage: Stage, durationMs: number): void {
  if (stages.some((each) => each.stage === stage)) return
  const last = stages.at(-1)
  const atMs = last ? Math.min(last.atMs + last.durationMs, durationMs) : 0
  stages.push({ stage, atMs, durationMs: durationMs - atMs, reply: undefined })
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }
