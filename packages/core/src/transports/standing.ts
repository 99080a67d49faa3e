import { MailError } from '../failure/mail-error.ts'
import type { Kind, Stage } from '../failure/vocabulary.ts'
import type { HealthFailure } from './transport-health.ts'
import type { Delivery, VerifyContext } from './transport.ts'

/** Failures of scope `transport` that say something about this message, and nothing about the next one. */
const OF_THE_MESSAGE: readonly Kind[] = [
  'relay-denied',
  'requiretls-not-offered',
  'smtputf8-required',
  'too-many-recipients',
  'unexpected',
]
/** Before there was anything to say about the server. */
const BEFORE: readonly Stage[] = ['config', 'compose', 'queue']

/** Whether a failure says that the next message would fail as well: the server is away, broken, or does not let this client in. */
export function isTransportDown(error: MailError): boolean {
  if (error.scope !== 'transport' || BEFORE.includes(error.stage)) return false
  if (error.delivered === 'some' || OF_THE_MESSAGE.includes(error.kind)) return false
  // Within a transaction, a rule usually is about this sender or this recipient.
  return error.kind !== 'policy' || !['mail-from', 'rcpt-to', 'data', 'body'].includes(error.stage)
}

/** What a result says about the transport that gave it: nothing, if it ended before the server had a say. */
export function verdictOn(result: Delivery | MailError): 'up' | 'down' | undefined {
  if (!MailError.is(result)) return 'up'
  if (isTransportDown(result)) return 'down'
  // The server took part in a transaction, so it is there, even if it refused this message.
  return result.reply !== undefined || result.delivered === 'some' ? 'up' : undefined
}

/** What the failure of a check says. Without an envelope, whatever is the fault of the transport would fail a send as well. */
export function verdictOnCheck(error: MailError, context: VerifyContext = {}): 'up' | 'down' | undefined {
  return !context.envelope && error.scope === 'transport' ? 'down' : verdictOn(error)
}

/** What the last results say about a transport. */
export class Standing {
  #isDown = false
  #lastFailure: { readonly error: MailError; readonly at: Date } | undefined

  /** Whether the last result that says anything about the transport says that it is down. */
  get isDown(): boolean {
    return this.#isDown
  }

  /** The last failure that was the fault of the transport. */
  get lastFailure(): HealthFailure | undefined {
    if (!this.#lastFailure) return undefined
    const { error, at } = this.#lastFailure
    return { code: error.code, hint: error.hint, at }
  }

  /** Adds the result of a send. */
  add(result: Delivery | MailError): void {
    const verdict = verdictOn(result)
    if (verdict !== undefined) this.#isDown = verdict === 'down'
    if (verdict === 'down') this.#lastFailure = { error: result as MailError, at: new Date() }
  }
}
