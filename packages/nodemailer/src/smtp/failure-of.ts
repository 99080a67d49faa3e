import { MailError } from '@loudmail/core'
import { isNegative, outcomeOf, type Exchange, type MailErrorInit } from '@loudmail/core/transport'
import type { Attempt, Ending } from './attempt.ts'

/**
 * Reads from the conversation why an attempt failed: from the reply that explains it, else from the oldest command
 * without a reply. Undefined if the conversation shows no failure and no reason is given.
 *
 * @param ending why it ended, if the connection itself does not know
 */
export function failureOf(
  attempt: Attempt,
  recipients: readonly string[],
  ending: Ending | undefined,
  about: Omit<MailErrorInit, 'stage' | 'kind'>,
): MailError | undefined {
  const { course, exchange, refused } = attempt
  const loss = course.ending ?? ending
  const facts = { ...about, cause: course.ending?.cause ?? about.cause }
  if (exchange && !refused) {
    if (course.verdict)
      exchange.breach = {
        text: 'the server broke the protocol',
        ...course.verdict,
        ...summaryOf(course.verdict),
      }
    if (!loss && !exchange.breach && !hasRefusal(exchange)) return undefined
    const outcome = outcomeOf(exchange, loss && { ...loss, cause: facts.cause }, facts)
    return MailError.is(outcome) ? outcome : undefined
  }
  const { refusal } = course
  const why =
    refused ??
    course.verdict ??
    (refusal && {
      stage: refusal.stage,
      kind: refusal.answer.diagnosis(refusal.stage).kind,
      reply: refusal.answer.reply,
    }) ??
    (loss && { stage: loss.stage ?? course.stage, kind: loss.kind })
  if (!why) return undefined
  const ended = recipients.map((address) => ({ address, status: 'not-attempted' }) as const)
  return new MailError({ ...facts, ...why, recipients: ended })
}

function summaryOf({ summary }: { summary?: string | undefined }): { text: string } | undefined {
  return summary === undefined ? undefined : { text: summary }
}

function hasRefusal({ mail, rcpt, data, final }: Exchange): boolean {
  return isNegative(mail) || isNegative(data) || rcpt.some(isNegative) || final.some(isNegative)
}
