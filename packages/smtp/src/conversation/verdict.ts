import { MailError, type Message, type RecipientOutcome, type Reply, type Stage } from '@loudmail/core'
import { diagnoseReply, type MailErrorInit } from '@loudmail/core/transport'
import { isNegative, isPositive, type Answer } from './answer.ts'
import type { Loss } from './link.ts'

/** What one message was told on one connection. */
export interface Answers {
  readonly message: Message
  mail: Answer | undefined
  /** By position in the envelope. */
  readonly rcpt: (Answer | undefined)[]
  data: Answer | undefined
  /** By position in the envelope; SMTP gives every recipient the same one. */
  readonly final: (Answer | undefined)[]
  /** What was no reply, or one that has no place there, with the stage it came at. */
  garbage: { readonly stage: Stage; readonly text: string; readonly reply?: Reply | undefined } | undefined
  /** The final dot, or the last BDAT chunk, was handed to the socket. */
  handedOver: boolean
  /** The stage of the oldest command without a reply. */
  oldest: Stage
}

/**
 * What became of a message: the final positive reply, or the failure. The reply that explains a failure is the
 * unparseable one, then the final one, DATA's, MAIL's, a 421 at RCPT, RCPT's; without any, the loss of the connection.
 */
export function verdict(
  answers: Answers,
  loss: Loss | undefined,
  facts: Pick<MailErrorInit, 'transport' | 'transcript' | 'redact'>,
): Answer | MailError {
  const { message, mail, rcpt, data, final, garbage } = answers
  const recipients = message.envelope.to.map((address, index) => outcomeOf(answers, address, index))
  const failed = recipients.filter((recipient) => recipient.status !== 'accepted')
  if (failed.length === 0) return final.find(isPositive)!

  const fail = (stage: Stage, kind: MailErrorInit['kind'], more: Partial<MailErrorInit> = {}): MailError =>
    new MailError({
      stage,
      kind,
      recipients,
      messageId: message.messageId,
      replayable: message.replayable,
      ...facts,
      ...more,
    })
  const because = (stage: Stage, reply: Reply): MailError => {
    const { kind, scope } = diagnoseReply(stage, reply)
    return fail(stage, kind, { reply, scope })
  }
  const refused = (stage: Stage, refusals: readonly RecipientOutcome[]): MailError => {
    const [first] = refusals
    if (refusals.every(({ kind }) => kind === first!.kind)) return because(stage, first!.reply!)
    const words = refusals
      .slice(0, 3)
      .map(({ address, reply }) => `${address}: ${reply!.code} ${reply!.text.slice(0, 100)}`)
    return fail(stage, 'mixed', {
      reply: first!.reply,
      summary: `the recipients were refused for different reasons: ${words.join('; ')}`,
    })
  }

  if (garbage) return fail(garbage.stage, 'protocol', { summary: garbage.text, reply: garbage.reply })
  const atBody = failed.filter(({ reply }) => reply && final.some((answer) => answer?.reply === reply))
  if (atBody.length > 0) return refused('body', atBody)
  if (isNegative(data) && rcpt.some(isPositive)) return because('data', data.reply)
  if (isNegative(mail)) return because('mail-from', mail.reply)
  const closing = rcpt.find((answer) => answer?.code === 421)
  if (closing) return because('rcpt-to', closing.reply)
  const atRcpt = failed.filter(({ reply }) => reply && rcpt.some((answer) => answer?.reply === reply))
  // Refused recipients explain the failure of the message where nobody else is left, or nothing else went wrong.
  if (atRcpt.length > 0 && (atRcpt.length === failed.length || !loss)) return refused('rcpt-to', atRcpt)
  // The server closed before it looked at this message: whatever it said of another, this one may be tried again.
  if (loss?.closing)
    return fail(answers.oldest, 'service-unavailable', { reply: loss.closing, permanence: 'transient' })
  return fail(answers.oldest, loss?.kind ?? 'protocol', { summary: loss?.summary, cause: loss?.cause })
}

function outcomeOf(
  { mail, rcpt, data, final, handedOver }: Answers,
  address: string,
  index: number,
): RecipientOutcome {
  const own = rcpt[index]
  const last = final[index]
  const refused = (stage: Stage, { reply }: Answer): RecipientOutcome => ({
    address,
    status: 'rejected',
    reply,
    ...diagnoseReply(stage, reply),
  })
  if (isPositive(last) && !isNegative(own)) return { address, status: 'accepted', reply: last.reply }
  if (isNegative(mail)) return { address, status: 'not-attempted' }
  if (isNegative(own)) return refused('rcpt-to', own)
  if (isNegative(last)) return refused('body', last)
  if (isPositive(own) && isNegative(data)) return refused('data', data)
  if (isNegative(data)) return { address, status: 'not-attempted' }
  return { address, status: handedOver ? 'unknown' : 'not-attempted' }
}
