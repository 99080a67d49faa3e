import { conversationSteps } from '../smtp/conversation-steps.ts'
import { connectionStartOf } from '../failure/transcript-clock.ts'
import type { Transcript } from '../failure/transcript.ts'
import { tracedReply } from './outcome.ts'
import type { TracedStage } from './traced-attempt.ts'

/** How much earlier than its attempt a step may end, in ms: clocks are rounded. */
const ROUNDED_MS = 0.1

/**
 * The stages of a conversation, in ms since the attempt started. Those that ended before it are left out: a connection
 * that is used again was opened for another message.
 *
 * @param startedAt when the attempt started, on the clock of `performance.now()`
 */
export function stagesOf(transcript: Transcript, startedAt: number): TracedStage[] {
  const { entries } = transcript
  const last = entries.at(-1)
  if (!last) return []
  // Without a clock, the last line was now.
  const origin = (connectionStartOf(transcript) ?? performance.now() - last.atMs) - startedAt
  const nowMs = performance.now() - startedAt
  const stages: TracedStage[] = []
  for (const { stage, command, askedAtMs, answeredAtMs, lines, connection } of conversationSteps(entries)) {
    // The lines of a connection that was given up before are on another clock.
    if (stage === undefined || connection !== last.connection) continue
    const isAnswered = lines.length > 0 || command.startsWith('-- ')
    // What is not answered lasts until now.
    const until = isAnswered ? origin + answeredAtMs : nowMs
    if (until < -ROUNDED_MS) continue
    const same = stages.at(-1)?.stage === stage ? stages.pop() : undefined
    const atMs = Math.max(0, Math.min(same?.atMs ?? Infinity, origin + askedAtMs))
    const endMs = Math.max(same ? same.atMs + same.durationMs : 0, until, atMs)
    const reply = lines.length > 0 ? tracedReply(lines) : same?.reply
    stages.push({ stage, atMs, durationMs: endMs - atMs, reply })
  }
  return stages
}
