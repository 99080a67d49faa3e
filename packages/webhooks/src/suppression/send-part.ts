import { MailError, type Delivery, type Message, type Transport, type TransportContext } from '@loudmail/core'
import { Attempts, sendThrough, tellLate } from '@loudmail/core/transport'
import { withListHint } from './suppressed-failure.ts'

/** What is sent after the list was read. */
interface Parts {
  /** What the list says, and for whom. */
  readonly known: readonly [message: Message, error: MailError]
  /** The message for those who get it. */
  readonly part: Message
}

/**
 * Sends a part of a message. The result is that of the whole message, also if it is known only later.
 *
 * @throws MailError with what became of every recipient
 */
export async function sendPart(
  transport: Transport,
  name: string,
  { known, part }: Parts,
  context: TransportContext,
): Promise<Delivery> {
  const [, refused] = known
  const hinted = (said: Delivery | MailError): Delivery | MailError =>
    MailError.is(said) && refused.kind === 'suppressed' ? withListHint(said, refused) : said
  const late = context.late && ((said: Delivery | MailError) => tellLate(context, hinted(said)))
  const tries = new Attempts(name, { ...context, late }, 'one')
  tries.add(...known)
  tries.add(part, await sendThrough(transport, part, tries.contextOf(part)))
  try {
    return tries.finish()
  } catch (error) {
    throw MailError.is(error) ? hinted(error) : error
  }
}
