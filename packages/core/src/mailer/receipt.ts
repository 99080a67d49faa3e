import { frozenTranscript } from '../failure/frozen.ts'
import type { MailError } from '../failure/mail-error.ts'
import type { Transcript } from '../failure/transcript.ts'
import { NONE } from '../message/address.ts'
import type { Delivery, DeliveryState } from '../transports/transport.ts'

interface ReceiptBase {
  readonly messageId?: string | undefined
  readonly transport: string
  readonly durationMs: number
  /** The attempts that failed, even if a later one succeeded. */
  readonly failures: readonly MailError[]
  readonly transcript?: Transcript | undefined
}

/** What the caller gets for a message. Both variants have all fields, so that `receipt.error?.code` needs no narrowing. */
export type Receipt = ReceiptBase &
  (
    | {
        readonly ok: true
        readonly state: DeliveryState
        readonly response?: string | undefined
        readonly error?: undefined
        readonly silenced?: undefined
      }
    | {
        readonly ok: false
        readonly state: 'failed'
        readonly response?: undefined
        readonly error: MailError
        readonly silenced: boolean
      }
  )

/** One settled message of many. */
export interface SentOne {
  /** Its position in the source, from 0. */
  readonly index: number
  readonly receipt: Receipt
}

export function sentReceipt(
  delivery: Delivery,
  messageId: string | undefined,
  durationMs: number,
): Receipt & { readonly ok: true } {
  const { state, response, transport, failures, transcript } = frozenDelivery(delivery)
  return Object.freeze({ ok: true, state, response, messageId, transport, durationMs, failures, transcript })
}

/** @param sentThrough the transport, where the failure does not say which one */
export function failedReceipt(
  error: MailError,
  silenced: boolean,
  sentThrough: string,
  durationMs: number,
): Receipt & { readonly ok: false } {
  const { messageId, transport = sentThrough, failures, transcript } = error
  return Object.freeze({
    ok: false,
    state: 'failed',
    error,
    silenced,
    messageId,
    transport,
    durationMs,
    failures,
    transcript,
  })
}

/** A frozen copy of what a transport returned, so that no observer can change it for the others or for the caller. */
export function frozenDelivery({ transport, state, response, failures, transcript }: Delivery): Delivery {
  return Object.freeze({
    transport,
    state,
    response,
    // Most deliveries have none and share one list.
    failures: failures.length === 0 ? NONE : Object.freeze([...failures]),
    transcript: transcript && frozenTranscript(transcript),
  })
}
