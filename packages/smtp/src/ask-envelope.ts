import { MailError, type Envelope } from '@loudmail/core'
import {
  Answer,
  Exchange,
  failAll,
  isNegative,
  isPositive,
  outcomeOf,
  type Breach,
} from '@loudmail/core/transport'
import type { Session } from './opening/handshake.ts'

/**
 * Asks for the sender and each recipient of an envelope, as a send would, and stops before DATA. The transaction ends with the
 * connection.
 *
 * @throws MailError as the send would, if the server refuses; OpeningFailure if the connection is lost
 */
export async function askEnvelope(
  { link: { recorder }, conversation, capabilities, situation }: Session,
  envelope: Envelope,
  protocol: 'smtp' | 'lmtp',
  transport: string,
): Promise<void> {
  const message = { envelope, messageId: undefined, replayable: true }
  if (envelope.smtputf8 && !capabilities.has('SMTPUTF8')) {
    const transcript = recorder.transcript()
    const why = { stage: 'mail-from', kind: 'smtputf8-required', transport, transcript, situation } as const
    throw failAll(message, 'not-attempted', why)
  }
  // There is no content, so nothing is ever written.
  const exchange = new Exchange(message, protocol, { written: 0 })
  const ask = async (stage: 'mail-from' | 'rcpt-to', command: string, shown = command): Promise<Answer> => {
    const answer = new Answer(await conversation.ask(stage, command), protocol, shown, recorder.redact)
    if (!isPositive(answer) && !isNegative(answer)) exchange.breach ??= unexpected(stage, shown, answer)
    return answer
  }
  const mail = `MAIL FROM:<${envelope.from}>${envelope.smtputf8 ? ' SMTPUTF8' : ''}`
  exchange.mail = await ask('mail-from', mail, 'MAIL FROM')
  for (const [index, address] of envelope.to.entries()) {
    // After 421 the server closes the connection.
    if (!isPositive(exchange.mail) || exchange.rcpt[index - 1]?.code === 421) break
    exchange.rcpt[index] = await ask('rcpt-to', `RCPT TO:<${address}>`)
  }
  if (!exchange.refusal && !exchange.breach) return
  const { redact } = recorder
  const outcome = outcomeOf(exchange, undefined, {
    transport,
    redact,
    transcript: recorder.transcript(),
    situation,
  })
  if (MailError.is(outcome)) throw outcome
}

function unexpected(stage: Breach['stage'], command: string, { code, reply }: Answer): Breach {
  return {
    stage,
    reply,
    text: `the server answered ${command} with ${code}, which is not a valid reply to it`,
  }
}
