import type { RecipientOutcome, Reply } from './recipient-outcome.ts'
import type { Transcript } from './transcript.ts'
import { connectionStartOf, timedTranscript } from './transcript-clock.ts'

/** A reply that nobody can change. These functions return an object that is already frozen as it is. */
export function frozenReply(reply: Reply): Reply {
  return frozenCopy(reply)
}

export function frozenOutcome(outcome: RecipientOutcome): RecipientOutcome {
  const { reply } = outcome
  return reply && !Object.isFrozen(reply)
    ? Object.freeze({ ...outcome, reply: frozenCopy(reply) })
    : frozenCopy(outcome)
}

export function frozenTranscript(transcript: Transcript): Transcript {
  const { entries } = transcript
  if ([transcript, entries, ...entries].every(Object.isFrozen)) return transcript
  const frozen = Object.freeze({ entries: Object.freeze(entries.map(frozenCopy)) })
  const startedAt = connectionStartOf(transcript)
  return startedAt === undefined ? frozen : timedTranscript(frozen, startedAt)
}

function frozenCopy<T extends object>(value: T): T {
  return Object.isFrozen(value) ? value : Object.freeze({ ...value })
}
