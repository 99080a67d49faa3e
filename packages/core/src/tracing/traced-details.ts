import type { MailError } from '../failure/mail-error.ts'
import type { Message } from '../message/message.ts'
import type { Delivery } from '../transports/transport.ts'

/** What the payload of a tracing channel leaves out, because it contains addresses, content and the words of servers. */
export interface TracedDetails {
  /** The message; undefined if it could not be built. */
  readonly message: Message | undefined
  /** How it ended. Undefined until then. */
  readonly result?: Delivery | MailError | undefined
}

interface Details extends TracedDetails {
  result?: Delivery | MailError
}

const details = new WeakMap<object, Details>()

/**
 * What the payload of a tracing channel leaves out. Show it to nobody who did not ask for it: it contains addresses and
 * content. Undefined for anything else than a payload, and for one of another copy of this package.
 */
export function tracedDetails(payload: object): TracedDetails | undefined {
  return details.get(payload)
}

/** Remembers the message of a payload, and later its result. */
export function setDetails(payload: object, message: Message | undefined): void {
  details.set(payload, { message })
}

export function setResult(payload: object, result: Delivery | MailError): void {
  details.get(payload)!.result = result
}
