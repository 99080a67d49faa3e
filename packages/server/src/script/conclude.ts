import type { CapturedMessage, Envelope } from '../message/captured-message.ts'
import type { ContentReader } from '../session/content-reader.ts'
import { isPositive } from '../session/reply.ts'
import type { Session } from '../session/session.ts'
import type { Transaction } from '../session/transaction.ts'

/** Answers complete content: plays DOT once, or in LMTP once per recipient, and captures what is accepted. */
export async function conclude(
  session: Session,
  transaction: Transaction,
  reader: ContentReader,
  sentWith: 'DATA' | 'BDAT',
): Promise<void> {
  const message = draft(session, transaction.envelope, reader, sentWith)
  flagEightBit(session, message)
  const verdict = refuseContent(session, message) ?? `250 2.0.0 Ok: queued as ${message.id}`
  if (session.script.lmtp && message.envelope.to.length > 0) {
    await concludeEach(session, transaction, message, verdict)
  } else {
    const accept = captureOnce(session, message)
    await session.play({
      event: 'DOT',
      message,
      correct: () => verdict,
      accept,
      replied: (code) => {
        if (isPositive(code)) accept()
      },
    })
  }
  session.transaction = undefined
}

async function concludeEach(
  session: Session,
  transaction: Transaction,
  message: CapturedMessage,
  verdict: string,
): Promise<void> {
  const accepted = new Set<string>()
  for (const recipient of message.envelope.to) {
    await session.play({
      event: 'DOT',
      recipient,
      message,
      correct: () => verdict,
      accept: () => accepted.add(recipient),
      replied: (code) => {
        if (isPositive(code)) accepted.add(recipient)
      },
    })
  }
  if (accepted.size > 0) {
    session.home.captured({ ...message, envelope: transaction.envelopeTo([...accepted]) })
  }
}

/** A message without recipients is answered but not captured. */
function captureOnce(session: Session, message: CapturedMessage): () => void {
  let captured = message.envelope.to.length === 0
  return () => {
    if (!captured) session.home.captured(message)
    captured = true
  }
}

function draft(
  session: Session,
  envelope: Envelope,
  reader: ContentReader,
  sentWith: 'DATA' | 'BDAT',
): CapturedMessage {
  return {
    id: session.home.nextMessageId(),
    connection: session.log.id,
    envelope,
    content: reader.content(),
    octets: reader.octets,
    at: new Date(),
    tls: session.log.tls,
    eightBit: reader.eightBit,
    sentWith,
    ...(session.user === undefined ? undefined : { authenticatedAs: session.user }),
  }
}

function flagEightBit(session: Session, message: CapturedMessage): void {
  if (!session.script.strict7bit || !message.eightBit) return
  const body = message.envelope.mailParameters.BODY ?? '7BIT'
  if (body === '7BIT') session.log.violations.push('8-bit content without BODY=8BITMIME')
}

function refuseContent({ script }: Session, { envelope, octets }: CapturedMessage): string | undefined {
  if (octets > (script.enforceSize ?? Infinity)) return '552 5.3.4 Message size exceeds the limit'
  return envelope.to.length === 0 ? '554 5.5.1 No valid recipients' : undefined
}
