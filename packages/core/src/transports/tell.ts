import { callSafely } from '../failure/call-safely.ts'
import type { MailError } from '../failure/mail-error.ts'
import type { Transcript } from '../failure/transcript.ts'
import type { Delivery, TransportContext } from './transport.ts'

/** Tells the sender that an attempt failed and another one follows. If the sender's function throws, the send continues. */
export function tellFailed(context: TransportContext | undefined, error: MailError): void {
  if (context?.failed) void callSafely('context.failed()', () => context.failed!(error))
}

/** Tells the sender the outcome of a message after its send settled as `unknown`. */
export function tellLate(context: TransportContext | undefined, outcome: Delivery | MailError): void {
  if (context?.late) void callSafely('context.late()', () => context.late!(outcome))
}

/** Adds the conversation of an attempt to the trace of the sender. */
export function tellTrace(context: TransportContext | undefined, transcript: Transcript): void {
  if (context?.trace) void callSafely('context.trace.add()', () => context.trace!.add(transcript))
}
