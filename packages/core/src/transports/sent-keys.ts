import { MailError } from '../failure/mail-error.ts'
import type { RecipientOutcome, Reply } from '../failure/recipient-outcome.ts'
import { Flight, outcomesOf } from './flight.ts'
import { NONE } from '../message/address.ts'
import type { Delivery } from './transport.ts'

/** What is remembered about a mailbox that has the message of a key, or may have it. */
export interface Kept {
  /** A failure says that the outcome is unknown. It is without its conversation and its attempts. */
  readonly result: Delivery | MailError
  /** The flight that it comes from. The flight itself would keep the message in memory. */
  readonly flight: symbol
}

/** The mailboxes of one key: those that are being sent to, that have the message, or that may have it. */
export class SentKey {
  readonly key: string
  readonly mailboxes = new Map<string, Flight | Kept>()
  /** How many flights are not over. */
  flights = 0
  /** How many flights there were. */
  begun = 0
  /** When the last flight was over. */
  at = 0
  older: SentKey | undefined
  newer: SentKey | undefined

  constructor(key: string) {
    this.key = key
  }
}

/**
 * Remembers for a time which mailboxes have or may have the message of a key. A key that is on its way is not forgotten. The
 * others are a linked list: to find the oldest key of a Map, V8 goes over all that were deleted before.
 */
export class SentKeys {
  readonly #windowMs: number
  readonly #most: number
  readonly #known = new Map<string, SentKey>()
  #oldest: SentKey | undefined
  #newest: SentKey | undefined
  #listed = 0

  constructor(windowMs: number, most: number) {
    this.#windowMs = windowMs
    this.#most = most
  }

  /** What is known of a key. It first forgets the keys whose time is over, so that none of them needs a timer. */
  find(key: string): SentKey | undefined {
    const earliest = performance.now() - this.#windowMs
    while (this.#oldest && this.#oldest.at <= earliest) this.#forget(this.#oldest)
    return this.#known.get(key)
  }

  /** Begins a flight to mailboxes that the key does not know. */
  begin(key: string, flight: Flight): SentKey {
    let sent = this.#known.get(key)
    if (!sent) this.#known.set(key, (sent = new SentKey(key)))
    else if (sent.flights === 0) this.#unlist(sent)
    sent.flights++
    sent.begun++
    for (const mailbox of flight.mailboxes) sent.mailboxes.set(mailbox, flight)
    return sent
  }

  /** Ends a flight: what was accepted or is unknown is remembered, and what nobody got is forgotten. */
  end(sent: SentKey, flight: Flight, result: Delivery | MailError): void {
    flight.end(result)
    this.#remember(sent, flight, result, (known) => known === flight)
    if (--sent.flights > 0) return
    if (sent.mailboxes.size === 0) {
      this.#known.delete(sent.key)
      return
    }
    this.#list(sent)
    if (this.#listed > this.#most) this.#forget(this.#oldest!)
  }

  /** Corrects what is remembered of a flight after a late reply, but nothing that was sent later. */
  correct(sent: SentKey, flight: Flight, result: Delivery | MailError): void {
    this.#remember(sent, flight, result, (known) => !(known instanceof Flight) && known?.flight === flight.id)
    if (sent.mailboxes.size === 0 && this.#known.get(sent.key) === sent) this.#forget(sent)
  }

  #list(sent: SentKey): void {
    sent.at = performance.now()
    sent.older = this.#newest
    if (this.#newest) this.#newest.newer = sent
    else this.#oldest = sent
    this.#newest = sent
    this.#listed++
  }

  #unlist(sent: SentKey): void {
    const { older, newer } = sent
    if (older) older.newer = newer
    else this.#oldest = newer
    if (newer) newer.older = older
    else this.#newest = older
    sent.older = sent.newer = undefined
    this.#listed--
  }

  #forget(sent: SentKey): void {
    this.#unlist(sent)
    this.#known.delete(sent.key)
  }

  #remember(
    { mailboxes }: SentKey,
    flight: Flight,
    result: Delivery | MailError,
    isItsOwn: (known: Flight | Kept | undefined) => boolean,
  ): void {
    const outcomes = outcomesOf(result)
    for (const mailbox of flight.mailboxes) {
      if (!isItsOwn(mailboxes.get(mailbox))) continue
      // It may be about some recipients only.
      if (outcomes && outcomes.size > 0 && !outcomes.has(mailbox)) continue
      const kept = MailError.is(result) ? keptOf(result, outcomes!.get(mailbox)) : plain(result)
      if (kept) mailboxes.set(mailbox, { result: kept, flight: flight.id })
      else mailboxes.delete(mailbox)
    }
  }
}

/** What to remember about a recipient after a failure; undefined if it certainly does not have the message. */
function keptOf(error: MailError, outcome: RecipientOutcome | undefined): Delivery | MailError | undefined {
  // A late reply may be about the whole message.
  const status = outcome?.status ?? (error.delivered === 'none' ? 'rejected' : 'unknown')
  if (status === 'unknown') return error.with({ failures: NONE, transcript: undefined })
  return status === 'accepted' ? acceptedAlone(error, outcome) : undefined
}

/** The delivery to a recipient that was accepted while others were not. */
export function acceptedAlone(error: MailError, outcome: RecipientOutcome | undefined): Delivery {
  const { transport = '' } = error
  return { transport, state: 'sent', response: outcome?.reply && words(outcome.reply), failures: NONE }
}

/** Without its conversation and its failed attempts, which the call that made them tells. */
export function plain({ transport, state, response }: Delivery): Delivery {
  return { transport, state, response, failures: NONE }
}

function words({ code, enhanced, text }: Reply): string {
  return [code, enhanced, text].filter(Boolean).join(' ')
}
