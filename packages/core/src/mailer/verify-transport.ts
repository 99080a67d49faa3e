import type { Deadlines } from './deadline.ts'
import { diagnoseAbort } from '../failure/diagnose-abort.ts'
import { MailError } from '../failure/mail-error.ts'
import type { Envelope } from '../message/message.ts'
import type { Transport } from '../transports/transport.ts'

/** @throws MailError even if the check does not finish in time, or the transport rejects with something else */
export async function verifyTransport(
  transport: Transport,
  deadlines: Deadlines,
  envelope?: Envelope,
  caller?: AbortSignal,
): Promise<void> {
  const deadline = deadlines.start(caller)
  const { signal } = deadline
  try {
    const verified = transport.verify!({ signal, envelope }).then(() => true)
    if (await deadline.race(verified)) return
    const { kind } = diagnoseAbort(signal)
    throw new MailError({
      stage: 'queue',
      kind,
      summary: kind === 'timeout' ? 'the check did not finish in time' : undefined,
      transport: transport.name,
    })
  } catch (cause) {
    if (MailError.is(cause)) throw endedByCaller(cause, caller)
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

/** The usual text of an aborted send is about a message. */
function endedByCaller(error: MailError, caller: AbortSignal | undefined): MailError {
  if (error.kind !== 'aborted' || !caller?.aborted) return error
  return error.with({
    summary: 'the caller aborted the check',
    hint: 'Check again. If nobody meant to cancel it, find out what aborted its `signal`.',
  })
}
