import { MailError } from '../failure/mail-error.ts'
import { parseReply } from '../smtp/parse-reply.ts'
import type { TracedOutcome, TracedReply } from './traced-send.ts'
import { tracedFailure } from './traced-failure.ts'
import type { Delivery } from '../transports/transport.ts'

/** What subscribers see of an outcome. */
export function tracedOutcome(
  result: Delivery | MailError,
): Pick<TracedOutcome, 'state' | 'error' | 'reply'> {
  if (!MailError.is(result)) return { state: result.state, error: undefined, reply: replyOf(result.response) }
  return { state: 'failed', error: tracedFailure(result), reply: withoutWords(result.reply) }
}

function replyOf(response: unknown): TracedReply | undefined {
  return typeof response === 'string' ? tracedReply(response.split('\n')) : undefined
}

/** The codes of a reply; undefined if it is not one. */
export function tracedReply(lines: readonly string[]): TracedReply | undefined {
  return withoutWords(parseReply(lines))
}

function withoutWords(
  reply: { code: number; enhanced?: string | undefined } | undefined,
): TracedReply | undefined {
  return reply && { code: reply.code, enhanced: reply.enhanced }
}
