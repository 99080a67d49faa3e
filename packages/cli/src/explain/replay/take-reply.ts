import { Answer, isFarewell, type Breach, type NotAReply, type ReplyLines } from '@loudmail/core/transport'
import type { ConnectionState } from './connection-state.ts'
import { lineOf, type Expected } from './expected.ts'
import { noteAnswer } from './note-answer.ts'

/**
 * Finds what a reply answers, and what it means.
 *
 * @param replyAt the lines that it is in
 */
export function takeReply(
  state: ConnectionState,
  reply: ReplyLines | NotAReply,
  replyAt: readonly number[],
): void {
  const expected = state.expected.shift()
  if (reply.code === undefined) return broken(state, expected, reply.lines[0]!)
  const command = expected?.verb === 'content' ? 'end of data' : (expected?.command ?? 'connection')
  const answer = new Answer(reply, state.surroundings.protocol, command)
  if (!expected) return unasked(state, answer, replyAt)
  const answered = { stage: expected.stage, answer, replyAt, commandAt: lineOf(expected) }
  state.progress = expected.stage
  expected.transaction?.answered.push(answered)
  noteAnswer(state, expected, answered, reply.lines)
}

/** Bytes that are not a reply: nothing after them can be trusted. */
function broken(state: ConnectionState, expected: Expected | undefined, line: string): void {
  const stage = expected?.stage ?? state.progress
  const breach: Breach = {
    stage,
    kind: stage === 'greeting' ? 'not-smtp' : 'protocol',
    text: `the server's answer is not an SMTP reply: ${line}`,
  }
  state.breaks(expected?.transaction, breach)
}

/** Only the announcement that the server closes the connection may come without a command. */
function unasked(state: ConnectionState, answer: Answer, replyAt: readonly number[]): void {
  if (answer.code < 400 && !isFarewell(answer.code)) {
    // RFC 3207 section 6: what follows the answer to STARTTLS unencrypted is not from the server.
    const isInjected = state.progress === 'tls' && !state.surroundings.encrypted
    const text = 'the server sent data before it was asked'
    if (isInjected) state.breach ??= { stage: 'tls', kind: 'response-injection', text }
    return
  }
  state.closing = answer
  const current = state.current
  const answered = { stage: state.progress, answer, replyAt, commandAt: undefined }
  if (current && !current.isSettled) current.answered.push(answered)
  else if (!current) state.refusal ??= answered
}
