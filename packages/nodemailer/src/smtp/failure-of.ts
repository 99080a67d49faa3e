import { MailError } from '@loudmail/core'
import {
  isNegative,
  outcomeOf,
  refusedStep,
  suspicionOf,
  type Exchange,
  type MailErrorInit,
} from '@loudmail/core/transport'
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
  const facts = { ...about, cause: course.ending?.cause ?? about.cause, situation: course.situation }
  if (exchange && !refused) {
    if (course.verdict)
      exchange.breach = {
        text: 'the server broke the protocol',
        ...course.verdict,
        ...summaryOf(course.verdict),
      }
    if (!loss && !exchange.breach && !hasRefusal(exchange)) return undefined
    const outcome = outcomeOf(exchange, loss && { ...loss, cause: facts.cause }, facts)
    return MailError.is(outcome) ? blamed(outcome, attempt, exchange) : undefined
  }
  const { refusal } = course
  const why =
    refused ??
    course.verdict ??
    (refusal && refusedStep(refusal)) ??
    (loss && { ...loss, stage: loss.stage ?? course.stage, cause: facts.cause })
  if (!why) return undefined
  const ended = recipients.map((address) => ({ address, status: 'not-attempted' }) as const)
  return new MailError({ ...facts, ...why, recipients: ended })
}

const WITHOUT_PIPELINING =
  'The server offers PIPELINING, but does not accept several commands at once, and nodemailer cannot do without it. Send through `smtp()` of @loudmail/smtp, which can.'

/** nodemailer sends the commands of a message together where the server offers PIPELINING. */
function blamed(error: MailError, { course }: Attempt, exchange: Exchange): MailError {
  const way = { pipelining: course.capabilities.has('PIPELINING'), contentBegun: exchange.data?.code === 354 }
  const isRefused = suspicionOf(exchange, undefined, way)?.extension === 'PIPELINING'
  return isRefused ? error.with({ hint: WITHOUT_PIPELINING }) : error
}

function summaryOf({ summary }: { summary?: string | undefined }): { text: string } | undefined {
  return summary === undefined ? undefined : { text: summary }
}

function hasRefusal({ mail, rcpt, data, final }: Exchange): boolean {
  return isNegative(mail) || isNegative(data) || rcpt.some(isNegative) || final.some(isNegative)
}
