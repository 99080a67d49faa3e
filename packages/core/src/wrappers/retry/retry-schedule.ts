import type { MailError } from '../../failure/mail-error.ts'
import { canTryRecipientAgain, type RecipientOutcome } from '../../failure/recipient-outcome.ts'
import type { Message } from '../../message/message.ts'
import { AttemptKeys } from '../attempt-keys.ts'

/** How often and when to try again. */
export interface RetryTiming {
  readonly attempts: number
  readonly delayMs: number
  readonly maxDelayMs: number
  /** The transport honours the keys of messages: those whose outcome is unknown are tried again, too. */
  readonly isHonoured: boolean
  /** Until when it remembers the key of the first attempt, on the clock of `performance.now()`. */
  readonly keysUntil: number
}

/** How much longer than asked a pause may be, so that those who were asked to wait do not all come back at once. */
const SPREAD = 0.1

/** A recipient who is to be tried again. */
interface Waiting {
  readonly address: string
  readonly at: number
  /** Of one who may have the message already: the key with which it was sent. */
  readonly key: string | undefined
}

/**
 * Which recipients of a message are to be tried again, and when. Each has its own attempts and pauses: one who is asked to
 * wait for minutes does not hold up the others. Times are on the clock of `performance.now()`.
 */
export class RetrySchedule {
  readonly #message: Message
  readonly #timing: RetryTiming
  readonly #keys: AttemptKeys | undefined
  readonly #until: number
  readonly #attempts = new Map<string, number>()
  #waiting: readonly Waiting[] = []

  /**
   * @param keys undefined if the message has no key
   * @param until nobody is tried again later than this
   */
  constructor(message: Message, timing: RetryTiming, keys: AttemptKeys | undefined, until: number) {
    this.#message = message
    this.#timing = timing
    this.#keys = keys
    this.#until = until
  }

  /** When the next attempt is due; undefined if there is none. */
  get next(): number | undefined {
    if (this.#waiting.length === 0) return undefined
    return this.#waiting.reduce((first, { at }) => Math.min(first, at), Infinity)
  }

  /**
   * Plans another attempt for those recipients of a failed one whom it may help, and cannot harm.
   *
   * @param mayRetry asked once if there are such recipients
   */
  add(attempt: Message, error: MailError, mayRetry: () => boolean): void {
    const asked = new Set(attempt.envelope.to)
    for (const address of asked) this.#attempts.set(address, (this.#attempts.get(address) ?? 0) + 1)
    const open = error.recipients.filter(
      (recipient) => asked.has(recipient.address) && this.#isOpen(attempt, recipient, error),
    )
    // One draw for all: those who failed together go together.
    const chance = Math.random()
    const now = performance.now()
    const planned = open.map((recipient) => {
      const key = this.#keys?.inDoubt(recipient.address)
      return { address: recipient.address, at: now + this.#pause(recipient, chance), key }
    })
    const inTime = together(planned).filter(
      ({ at, key }) => at <= this.#until && (key === undefined || at <= this.#timing.keysUntil),
    )
    if (inTime.length > 0 && mayRetry()) this.#waiting = [...this.#waiting, ...inTime]
  }

  /** Takes those who are due, as the message of the next attempt. Those who may have it already go out with their own key. */
  take(due: number): Message {
    const { key } = this.#waiting.find(({ at }) => at <= due)!
    const isTaken = (each: Waiting): boolean => each.at <= due && each.key === key
    const taken = this.#waiting.filter(isTaken)
    this.#waiting = this.#waiting.filter((each) => !isTaken(each))
    return this.#message.forRecipients(
      taken.map(({ address }) => address),
      key ?? this.#keys?.fresh,
    )
  }

  #isOpen(attempt: Message, recipient: RecipientOutcome, error: MailError): boolean {
    if (this.#attempts.get(recipient.address)! >= this.#timing.attempts) return false
    if (this.#keys?.mayRepeat(recipient.address) === false) return false
    if (this.#keys && this.#timing.isHonoured && recipient.status === 'unknown')
      return attempt.replayable && recipient.permanence !== 'permanent'
    return error.retryable && canTryRecipientAgain(recipient, error.permanence)
  }

  #pause({ address, retryAfterMs = 0 }: RecipientOutcome, chance: number): number {
    const { delayMs, maxDelayMs } = this.#timing
    const longest = Math.min(delayMs * 2 ** (this.#attempts.get(address)! - 1), maxDelayMs)
    return Math.max(longest * chance, retryAfterMs * (1 + chance * SPREAD))
  }
}

/** Those with one key go together: the server would take the second of two attempts for a repeat. */
function together(planned: readonly Waiting[]): readonly Waiting[] {
  const last = new Map<string, number>()
  for (const { key, at } of planned) if (key !== undefined) last.set(key, Math.max(last.get(key) ?? 0, at))
  return last.size === 0 ? planned : planned.map((each) => ({ ...each, at: last.get(each.key!) ?? each.at }))
}
