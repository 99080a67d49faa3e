import type { Stage } from '@loudmail/core'
import { Answer, type Redact, type ReplyLines } from '@loudmail/core/transport'
import { OpeningFailure } from './opening-failure.ts'

/** The failure that a negative reply in the handshake stands for. */
export function failedReply(
  stage: Stage,
  lines: ReplyLines,
  protocol: 'smtp' | 'lmtp',
  command: string,
  redact?: Redact,
): OpeningFailure {
  const answer = new Answer(lines, protocol, command, redact)
  return new OpeningFailure({ stage, kind: answer.diagnosis(stage).kind, reply: answer.reply })
}
