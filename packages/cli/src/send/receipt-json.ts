import type { Receipt, Transcript } from '@loudmail/core'
import { failureJson, type FailureJson } from '../failure-json.ts'

/** What `--json` says about one message. */
export type ReceiptJson =
  | {
      readonly ok: true
      readonly state: string
      readonly messageId?: string | undefined
      readonly transport: string
      readonly response?: string | undefined
      readonly durationMs: number
      /** The attempts that failed before one succeeded. */
      readonly failures: readonly FailureJson[]
      readonly transcript?: Transcript | undefined
    }
  | {
      readonly ok: false
      readonly state: 'failed'
      readonly error: FailureJson
      /** Whether the policy silences the failure: it does not count for the exit status. */
      readonly silenced: boolean
      readonly messageId?: string | undefined
      readonly transport: string
      readonly durationMs: number
      readonly failures: readonly FailureJson[]
      readonly transcript?: Transcript | undefined
    }

/** The object that `--json` prints for a message. A failure always has its transcript. */
export function receiptJson(receipt: Receipt): ReceiptJson {
  const { messageId, transport, transcript } = receipt
  const durationMs = Math.round(receipt.durationMs * 1_000) / 1_000
  const common = { messageId, transport, durationMs, failures: receipt.failures.map(failureJson), transcript }
  if (receipt.ok) return { ok: true, state: receipt.state, response: receipt.response, ...common }
  const { error, silenced } = receipt
  return { ok: false, state: 'failed', error: failureJson(error), silenced, ...common }
}
