import type { Deadlines } from './deadline.ts'
import { MailError } from '../failure/mail-error.ts'
import type { Transport } from '../transports/transport.ts'

/** @throws MailError even if the check does not finish in time, or the transport rejects with something else */
export async function verifyTransport(transport: Transport, deadlines: Deadlines): Promise<void> {
  if (!transport.verify) return
  const deadline = deadlines.start()
  try {
    const verified = transport.verify({ signal: deadline.signal }).then(() => true)
    if (await deadline.race(verified)) return
    throw new MailError({
      stage: 'queue',
      kind: 'timeout',
      summary: 'the check did not finish in time',
      transport: transport.name,
    })
  } catch (cause) {
    if (MailError.is(cause)) throw cause
    throw new MailError({
      stage: 'submit',
      kind: 'unexpected',
      delivered: 'none',
      permanence: 'unknown',
      transport: transport.name,
      cause,
    })
  } finally {
    deadlines.end(deadline)
  }
}
