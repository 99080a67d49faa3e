import { MailError } from '../../failure/mail-error.ts'
import type { RecipientOutcome, Reply } from '../../failure/recipient-outcome.ts'
import { Flight, outcomesOf } from './flight.ts'
import { NONE } from '../../message/address.ts'
import type { Delivery } from '../../transports/transport.ts'

/** What is remembered about a mailbox that has the message of a key, or may have it. */
export interface Kept {
  /** A failure says that the outcome is unknown. It is without its conversation and its attempts. */
  readonly result: Delivery | MailError
  /** Of the flight that it comes from. The flight itself would keep more in memory. */
  readonly id: number
}

/** The mailboxes of one key: those that are being sent to, that have the message, or that may have it. */
export class SentKey {
  readonly key: string
  /** How many flights are not over. */
  flights = 0
  /** How many flights there were. */
  begun = 0
  /** When the last flight was over, in whole ms, which take no memory of their own. */
  at = 0
  older: SentKey | undefined
  newer: SentKey | undefined
  /** One mailbox, which is all that most keys have: a Map for each key would be most of what is remembered. */
  #mailbox: string | undefined
  #known: Flight | Kept | undefined
  #others: Map<string, Flight | Kept> | undefined

  constructor(key: string) {
    this.key = key
  }

  get isEmpty(): boolean {
    return this.#mailbox === undefined && !this.#others?.size
  }

  get(mailbox: string): Flight | Kept | undefined {
    return mailbox === this.#mailbox ? this.#known : this.#others?.get(mailbox)
  }

  set(mailbox: string, known: Flight | Kept): void {
    if (mailbox === this.#mailbox || this.isEmpty) {
      this.#mailbox = mailbox
      this.#known = known
    } else (this.#others ??= new Map()).set(mailbox, known)
  }

  delete(mailbox: string): void {
    if (mailbox === this.#mailbox) this.#mailbox = this.#known = undefined
    else this.#others?.delete(mailbox)
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

  /** What is known of a key; undefined if its time is over. */
  find(key: string): SentKey | undefined {
    const sent = this.#known.get(key)
    if (!sent || sent.flights > 0 || sent.at > performance.now() - this.#windowMs) return sent
    this.#forget(sent)
    return undefined
  }

  /**
   * Begins a flight to mailboxes that the key does not know.
   *
   * @param known what was just found for the key
   */
  begin(key: string, known: SentKey | undefined, flight: Flight): SentKey {
    const sent = known ?? new SentKey(key)
    if (!known) this.#known.set(key, sent)
    else if (known.flights === 0) this.#unlist(known)
    sent.flights++
    sent.begun++
    for (const mailbox of flight.mailboxes) sent.set(mailbox, flight)
    return sent
  }

  /** Ends a flight: what was accepted or is unknown is remembered, and what nobody got is forgotten. */
  end(sent: SentKey, flight: Flight, result: Delivery | MailError): void {
    flight.end(result)
    this.#remember(sent, flight, result)
    if (--sent.flights > 0) return
    if (sent.isEmpty) this.#known.delete(sent.key)
    else this.#list(sent)
  }

  /** Corrects what is remembered of a flight after a late reply, but nothing that was sent later. */
  correct(sent: SentKey, flight: Flight, result: Delivery | MailError): void {
    this.#remember(sent, flight, result)
    if (sent.isEmpty && this.#known.get(sent.key) === sent) this.#forget(sent)
  }

  /** It also forgets the keys whose time is over, so that none of them needs a timer. */
  #list(sent: SentKey): void {
    sent.at = Math.floor(performance.now())
    sent.older = this.#newest
    if (this.#newest) this.#newest.newer = sent
    else this.#oldest = sent
    this.#newest = sent
    this.#listed++
    const earliest = sent.at - this.#windowMs
    while (this.#listed > this.#most || this.#oldest!.at <= earliest) this.#forget(this.#oldest!)
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

  /** Only for its own mailboxes: another flight may have sent later to those that did not get the message. */
  #remember(sent: SentKey, { id, mailboxes, messageId }: Flight, result: Delivery | MailError): void {
    const own = mailboxes.filter((mailbox) => sent.get(mailbox)?.id === id)
    if (!MailError.is(result)) {
      const kept = { result: plain(result, messageId), id }
      for (const mailbox of own) sent.set(mailbox, kept)
      return
    }
    const outcomes = outcomesOf(result)
    for (const mailbox of own) {
      // It may be about some recipients only.
      if (outcomes.size > 0 && !outcomes.has(mailbox)) continue
      const kept = keptOf(result, outcomes.get(mailbox), messageId)
      if (kept) sent.set(mailbox, { result: kept, id })
      else sent.delete(mailbox)
    }
  }
}

/** What to remember about a recipient after a failure; undefined if it certainly does not have the message. */
function keptOf(
  error: MailError,
  outcome: RecipientOutcome | undefined,
  messageId: string | undefined,
): Delivery | MailError | undefined {
  // A late reply may be about the whole message.
  const status = outcome?.status ?? (error.delivered === 'none' ? 'rejected' : 'unknown')
  if (status === 'unknown') return error.with({ failures: NONE, transcript: undefined })
  return status === 'accepted' ? acceptedAlone(error, outcome, messageId) : undefined
}

/** The delivery to a recipient that was accepted while others were not. */
export function acceptedAlone(
  error: MailError,
  outcome: RecipientOutcome | undefined,
  messageId: string | undefined,
): Delivery {
  const { transport = '' } = error
  const response = outcome?.reply && words(outcome.reply)
  return { transport, state: 'sent', response, failures: NONE, messageId }
}

/** Without its conversation and its failed attempts, which the call that made them tells. */
export function plain(delivery: Delivery, messageId: string | undefined): Delivery {
  const { transport, state, response, providerId } = delivery
  return {
    transport,
    state,
    response,
    ...(providerId !== undefined && { providerId }),
    failures: NONE,
    messageId,
  }
}

function words({ code, enhanced, text }: Reply): string {
  return [code, enhanced, text].filter(Boolean).join(' ')
}
