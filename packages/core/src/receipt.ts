import type { MailError } from './mail-error.ts'
import type { Transcript } from './transcript.ts'
import type { DeliveryState } from './transport.ts'

interface ReceiptBase {
  readonly messageId?: string | undefined
  readonly transport: string
  readonly durationMs: number
  /** Tries that failed, also where a later one succeeded. */
  readonly failures: readonly MailError[]
  readonly transcript?: Transcript | undefined
}

/** What the caller gets for a message. Every field stands on both arms, so that `receipt.error?.code` needs no narrowing. */
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
