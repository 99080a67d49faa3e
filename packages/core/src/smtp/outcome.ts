import { MailError, type MailErrorInit } from '../failure/mail-error.ts'
import type { RecipientOutcome, Reply } from '../failure/recipient-outcome.ts'
import type { Kind, Stage } from '../failure/vocabulary.ts'
import { isNegative, isPositive, type Answer } from './answer.ts'
import type { Exchange } from './exchange.ts'

/** How a connection ended before all replies were read. */
export interface Loss {
  /** How the connection was lost. */
  readonly kind: Kind
  /** What happened, in words. */
  readonly summary?: string | undefined
  /** The error of the connection. */
  readonly cause?: unknown
  /** What the server said when it announced that it closes the connection. */
  readonly closing?: Reply | undefined
}

/** What a failure takes from the connection. */
type Facts = Pick<MailErrorInit, 'transport' | 'transcript' | 'redact' | 'failures' | 'situation'>

/** The outcome of one recipient, with the answer that refused it and the stage of that answer. */
interface Ended {
  readonly outcome: RecipientOutcome
  readonly stage?: Stage
  readonly answer?: Answer
}

/**
 * The outcome of a message: its final positive answer, or its failure. A failure is explained by the first of: the
 * final answer, the answer to DATA, to MAIL, a 421 to RCPT, another answer to RCPT, an invalid reply, the end of the
 * connection.
 */
export function outcomeOf(exchange: Exchange, loss: Loss | undefined, facts: Facts = {}): Answer | MailError {
  const { message, mail, rcpt, data, final, breach } = exchange
  const ended = message.envelope.to.map((address, index) => endOf(exchange, address, index))
  const failed = ended.filter(({ outcome }) => outcome.status !== 'accepted')
  if (failed.length === 0) return final.find(isPositive)!

  const fail = (stage: Stage, kind: Kind, more: Partial<MailErrorInit> = {}): MailError =>
    new MailError({
      stage,
      kind,
      recipients: ended.map(({ outcome }) => outcome),
      messageId: message.messageId,
      replayable: message.replayable,
      ...facts,
      ...more,
    })
  const because = (stage: Stage, answer: Answer): MailError => {
    const { kind, scope } = answer.diagnosis(stage)
    return fail(stage, kind, { reply: answer.reply, scope })
  }
  const refused = (stage: Stage, refusals: readonly Ended[]): MailError => {
    const [first] = refusals
    if (refusals.every(({ outcome }) => outcome.kind === first!.outcome.kind))
      return because(stage, first!.answer!)
    const words = refusals
      .slice(0, 3)
      .map(({ outcome: { address, reply } }) => `${address}: ${reply!.code} ${reply!.text.slice(0, 100)}`)
    return fail(stage, 'mixed', {
      reply: first!.answer!.reply,
      summary: `the recipients were refused for different reasons: ${words.join('; ')}`,
    })
  }

  const atBody = failed.filter(({ stage }) => stage === 'body')
  if (atBody.length > 0) return refused('body', atBody)
  if (!exchange.lostCount) {
    if (isNegative(data) && rcpt.some(isPositive)) return because('data', data)
    if (isNegative(mail)) return because('mail-from', mail)
    const closing = rcpt.find((answer) => answer?.code === 421)
    if (closing) return because('rcpt-to', closing)
    const atRcpt = failed.filter(({ stage }) => stage === 'rcpt-to')
    // Refused recipients explain the failure of the message if all others were accepted, or nothing else went wrong.
    if (atRcpt.length > 0 && (atRcpt.length === failed.length || !loss)) return refused('rcpt-to', atRcpt)
  }
  if (breach)
    return fail(breach.stage, breach.kind ?? 'protocol', { summary: breach.text, reply: breach.reply })
  const { stage } = exchange
  if (loss?.closing && !exchange.lostCount) {
    const permanence = exchange.isInDoubt ? undefined : 'transient'
    return fail(stage, 'service-unavailable', { reply: loss.closing, permanence })
  }
  return fail(stage, loss?.kind ?? 'protocol', { summary: loss?.summary, cause: loss?.cause })
}

function endOf(exchange: Exchange, address: string, index: number): Ended {
  const { mail, data, isWritten } = exchange
  const own = exchange.rcpt[index]
  const last = exchange.final[index]
  if (exchange.lostCount) return { outcome: { address, status: isWritten ? 'unknown' : 'not-attempted' } }
  if (isPositive(last) && !isNegative(own))
    return { outcome: { address, status: 'accepted', reply: last.reply } }
  if (isNegative(mail)) return { outcome: { address, status: 'not-attempted' } }
  if (isNegative(own)) return refusedAt('rcpt-to', own, address)
  if (isNegative(last)) return refusedAt('body', last, address)
  if (isPositive(own) && isNegative(data)) return refusedAt('data', data, address)
  if (isNegative(data)) return { outcome: { address, status: 'not-attempted' } }
  return { outcome: { address, status: isWritten ? 'unknown' : 'not-attempted' } }
}

function refusedAt(stage: Stage, answer: Answer, address: string): Ended {
  const { reply } = answer
  return { outcome: { address, status: 'rejected', reply, ...answer.diagnosis(stage) }, stage, answer }
}
