import type { Reply, Stage } from '@loudmail/core'
import { diagnoseReply, parseReply, type Redact } from '@loudmail/core/transport'
import { HandshakeFailure } from './handshake-failure.ts'
import type { NotAReply, ReplyLines } from '../conversation/reply-reader.ts'

/** The reply as a failure shows it, without secrets; undefined where it is none. */
export function replyOf(
  reply: ReplyLines | NotAReply,
  protocol: 'smtp' | 'lmtp',
  command: string,
  redact: Redact = (text) => text,
): Reply | undefined {
  const parsed = reply.code === undefined ? undefined : parseReply(reply.lines, protocol)
  return parsed && { ...parsed, text: redact(parsed.text), command: redact(command) }
}

/** The failure that a reply to a command of the handshake means. */
export function failedReply(
  stage: Stage,
  lines: ReplyLines,
  protocol: 'smtp' | 'lmtp',
  command: string,
  redact?: Redact,
): HandshakeFailure {
  const reply = replyOf(lines, protocol, command, redact)
  if (!reply) return new HandshakeFailure({ stage, kind: 'protocol' })
  return new HandshakeFailure({ stage, kind: diagnoseReply(stage, reply).kind, reply })
}
