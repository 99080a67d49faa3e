import type { RecipientOutcome, Reply, Stage } from '@loudmail/core'
import { diagnoseReply, type MailErrorInit } from '@loudmail/core/transport'
import type { Attempt, Verdict } from './attempt.ts'
import type { Ending } from './conversation.ts'

/** What a try came to, as far as the conversation says. */
export type Facts = Pick<MailErrorInit, 'stage' | 'kind' | 'scope' | 'summary' | 'reply' | 'recipients'>

/** A step with the reply that refused it. */
interface Refused {
  readonly stage: Stage
  readonly reply: Reply
}

/**
 * Reads from the conversation why a try failed: by the reply that explains it, else by the oldest command that has
 * none. Undefined where the conversation shows no failure and no reason is given.
 *
 * @param ending why it ended, where the connection itself does not know
 */
export function failureOf(
  attempt: Attempt,
  recipients: readonly string[],
  ending: Ending | undefined,
): Facts | undefined {
  const facts = explained(attempt) ?? unanswered(attempt, attempt.conversation.ending ?? ending)
  return facts && { ...facts, recipients: recipients.map((address) => outcomeOf(address, attempt)) }
}

function explained(attempt: Attempt): Omit<Facts, 'recipients'> | undefined {
  const { conversation } = attempt
  if (attempt.refused) return byVerdict(attempt.refused)
  if (conversation.verdict) return byVerdict(conversation.verdict)
  if (!attempt.begun) {
    const { refusal } = conversation
    return refusal && byReply({ stage: refusal.expected.stage, reply: refusal.reply })
  }
  const final = [...attempt.final.values()]
  const refusedFinal = final.filter((reply) => reply.code >= 300)
  if (refusedFinal.length > 0 && !attempt.isInDoubt && refusedFinal.length === final.length)
    return byReplies('body', refusedFinal)
  if (attempt.data && attempt.data.code >= 400 && attempt.accepted.length > 0)
    return byReply({ stage: 'data', reply: attempt.data })
  if (attempt.mail && attempt.mail.code >= 300) return byReply({ stage: 'mail-from', reply: attempt.mail })
  return byRecipients(attempt, [...refusedFinal])
}

/** Refusals of recipients explain a failure where nobody is left, where the server closed with one, or where the rest has the message. */
function byRecipients(
  attempt: Attempt,
  refusedFinal: readonly Reply[],
): Omit<Facts, 'recipients'> | undefined {
  const refused = [...attempt.recipients.values()].filter((reply) => reply.code >= 300)
  const closing = refused.find((reply) => reply.code === 421)
  if (closing) return byReply({ stage: 'rcpt-to', reply: closing })
  const isDone = attempt.final.size > 0 && !attempt.isInDoubt
  const isAnswered = attempt.data !== undefined || !attempt.conversation.isAwaitingReply
  if (refused.length > 0 && (isDone || (isAnswered && attempt.accepted.length === 0)))
    return byReplies('rcpt-to', [...refused, ...refusedFinal])
  return isDone && refusedFinal.length > 0 ? byReplies('body', refusedFinal) : undefined
}

function byVerdict({ stage, kind, summary }: Verdict): Omit<Facts, 'recipients'> {
  return { stage, kind, summary }
}

function byReply({ stage, reply }: Refused): Omit<Facts, 'recipients'> {
  const { kind, scope } = diagnoseReply(stage, reply)
  return { stage, kind, scope, reply }
}

/** Several replies of one step: one kind where they agree, else `mixed`. */
function byReplies(stage: Stage, replies: readonly Reply[]): Omit<Facts, 'recipients'> {
  const reply = replies.find(({ code }) => code < 500) ?? replies[0]!
  const kinds = new Set(replies.map((each) => diagnoseReply(stage, each).kind))
  return kinds.size > 1 ? { stage, kind: 'mixed', reply } : byReply({ stage, reply })
}

function unanswered(attempt: Attempt, ending: Ending | undefined): Omit<Facts, 'recipients'> | undefined {
  if (!ending) return undefined
  const { conversation } = attempt
  const stage = attempt.isInDoubt ? 'body' : (ending.stage ?? conversation.stage)
  return { stage, kind: ending.kind }
}

/** How one recipient ended, whatever became of the others. */
function outcomeOf(address: string, attempt: Attempt): RecipientOutcome {
  // What follows a refused MAIL is no judgement of the recipient.
  const answer = attempt.mail && attempt.mail.code >= 300 ? undefined : attempt.recipients.get(address)
  if (answer && answer.code >= 300) return refusedOutcome(address, 'rcpt-to', answer)
  if (!answer) return { address, status: 'not-attempted' }
  const final = attempt.final.get(address)
  if (final)
    return final.code < 300 ? { address, status: 'accepted' } : refusedOutcome(address, 'body', final)
  if (attempt.isComplete) return { address, status: 'unknown', permanence: 'unknown' }
  if (attempt.data && attempt.data.code >= 400) return refusedOutcome(address, 'data', attempt.data)
  return { address, status: 'not-attempted' }
}

function refusedOutcome(address: string, stage: Stage, reply: Reply): RecipientOutcome {
  return { address, status: 'rejected', ...diagnoseReply(stage, reply), reply }
}
