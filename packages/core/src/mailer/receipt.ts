import { frozenTranscript } from '../failure/frozen.ts'
import type { MailError } from '../failure/mail-error.ts'
import type { Transcript } from '../failure/transcript.ts'
import { NONE } from '../message/address.ts'
import type { Delivery, DeliveryState } from '../transports/transport.ts'

/** What the receipts of sent and of failed messages have. */
interface ReceiptBase {
  /** The Message-ID, with its angle brackets; undefined if the message could not be built. */
  readonly messageId?: string | undefined
  /** The name of the transport that delivered the message, or that failed. */
  readonly transport: string
  /** How long the send took, with all its attempts, in ms. */
  readonly durationMs: number
  /** The attempts that failed, even if a later one succeeded. */
  readonly failures: readonly MailError[]
  /** The conversation with the server. For a sent message only if it is recorded. */
  readonly transcript?: Transcript | undefined
}

/** What the caller gets for a message. Both variants have all fields, so that `receipt.error?.code` needs no narrowing. */
export type Receipt = ReceiptBase &
  (
    | {
        /**
         * Whether the message was sent. It tells the two variants apart, also where only parts are used: `const { ok,
         * error } = ...`.
         */
        readonly ok: true
        /** How far the message got; `failed` if it was not sent, or not to everybody. */
        readonly state: DeliveryState
        /** The server's final reply. */
        readonly response?: string | undefined
        /** The id that a provider gave the message, as its webhooks name it. */
        readonly providerId?: string | undefined
        /** Why it failed; undefined if it was sent. */
        readonly error?: undefined
        /** Whether the policy kept the failure from being thrown. */
        readonly silenced?: undefined
      }
    | {
        /**
         * Whether the message was sent. It tells the two variants apart, also where only parts are used: `const { ok,
         * error } = ...`.
         */
        readonly ok: false
        /** How far the message got; `failed` if it was not sent, or not to everybody. */
        readonly state: 'failed'
        /** The server's final reply. */
        readonly response?: undefined
        /** The id that a provider gave the message, as its webhooks name it. */
        readonly providerId?: undefined
        /** Why it failed; undefined if it was sent. */
        readonly error: MailError
        /** Whether the policy kept the failure from being thrown. */
        readonly silenced: boolean
      }
  )

/** One settled message of many. */
export interface SentOne {
  /** Its position in the source, from 0. */
  readonly index: number
  /** The outcome. Reading it takes a failure: it is not printed. */
  readonly receipt: Receipt
}

export function sentReceipt(
  delivery: Delivery,
  messageId: string | undefined,
  durationMs: number,
): Receipt & { readonly ok: true } {
  const { state, response, providerId, transport, failures, transcript } = frozenDelivery(delivery)
  return Object.freeze({
    ok: true,
    state,
    response,
    ...(providerId !== undefined && { providerId }),
    messageId,
    transport,
    durationMs,
    failures,
    transcript,
  })
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
export function frozenDelivery(delivery: Delivery): Delivery {
  const { transport, state, response, providerId, failures, transcript } = delivery
  return Object.freeze({
    transport,
    state,
    response,
    ...(providerId !== undefined && { providerId }),
    // Most deliveries have none and share one list.
    failures: failures.length === 0 ? NONE : Object.freeze([...failures]),
    transcript: transcript && frozenTranscript(transcript),
  })
}
