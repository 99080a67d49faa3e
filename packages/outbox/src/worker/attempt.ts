import { MailError, type Delivery, type Message, type Transport, type TransportContext } from '@loudmail/core'
import { failureFor, sendThrough, tellFailed, verdictOn } from '@loudmail/core/transport'
import { foundElsewhere, notBegun, parked, tooLate } from './attempt-failures.ts'
import { nextStep, settled, type Backoff, type NextStep } from '../entry/next-step.ts'
import { readProgress, writeProgress, type Progress } from '../entry/progress.ts'
import type { Lease, OutboxStore } from '../store/store.ts'

/** What attempts need to know. */
export interface AttemptSettings extends Backoff {
  readonly store: OutboxStore
  readonly transport: Transport
  /** What to do with an entry whose worker died while it sent it. */
  readonly inDoubt: 'park' | 'resend'
  /** When the worker began to stop, on the clock of `performance.now()`; undefined while it works. */
  readonly stoppedAt: () => number | undefined
  /** Called when the store cannot be written. */
  readonly storeFailed: (error: unknown) => void
}

/** What became of an attempt. */
export interface Attempted {
  /** That of the attempt if the entry is tried again, otherwise that of the entry. */
  readonly result: Delivery | MailError
  /** The entry stays in the outbox, and is tried again by itself. */
  readonly goesOn: boolean
  /** What it says about the transport: whether it can send anything at present. Undefined if it says nothing. */
  readonly verdict: 'up' | 'down' | undefined
}

/** The longest pause before an outcome is offered to the store again, in ms. */
const MOST_PAUSE_MS = 2_000
/** A worker that stops offers it no longer than this, in ms. */
const LAST_OFFERS_MS = 5_000

/** One attempt to send an entry. It ends when its outcome is in the store. */
export class Attempt {
  readonly lease: Lease
  readonly #settings: AttemptSettings
  /** Why the message cannot be read. */
  readonly #unreadable: MailError | undefined
  #progress: Progress
  #begun: Promise<void> | undefined
  #recorded: Promise<NextStep | undefined> = Promise.resolve(undefined)

  constructor(lease: Lease, settings: AttemptSettings, progress: Progress, unreadable?: MailError) {
    this.lease = lease
    this.#settings = settings
    this.#progress = progress
    this.#unreadable = unreadable
  }

  /** Sends the message, and records what became of it. */
  async run(message: Message, context: TransportContext): Promise<Attempted> {
    const asked = this.#progress.open
    const refusal = this.#refusal(message, context)
    const result = refusal ?? (await this.#transmit(message, context, asked))
    const wasStopped = this.#settings.stoppedAt() !== undefined && isUntouched(result)
    const attempts = wasStopped ? this.lease.entry.attempts : this.#attempts(result)
    // Nothing happened, so the next worker goes on at once.
    const step: NextStep = wasStopped
      ? { progress: this.#progress, change: { state: 'waiting' } }
      : this.#nextStep(asked, result, attempts)
    this.#recorded = this.#record(step, attempts)
    const isRecorded = (await this.#recorded) !== undefined
    // An entry that somebody else has meanwhile is their business.
    const goesOn = step.change.state === 'waiting' || (MailError.is(result) && !isRecorded)
    return {
      result: goesOn ? result : outcomeOf(step, result, message),
      goesOn,
      verdict: refusal ? undefined : verdict(result),
    }
  }

  /** Gives the entry back as it is. What may have been delivered stays so: its lease ends by itself. */
  async release(): Promise<void> {
    const { begun, attempts } = this.lease.entry
    if (!begun) await this.#record({ progress: this.#progress, change: { state: 'waiting' } }, attempts)
  }

  /** Why the message is not given to the transport. */
  #refusal(message: Message, context: TransportContext): MailError | undefined {
    const { transport, inDoubt } = this.#settings
    if (this.lease.entry.begun) {
      const error = parked(message, transport.name)
      if (inDoubt === 'park') return error
      tellFailed(context, error)
      this.#progress = { ...this.#progress, failures: [...this.#progress.failures, error] }
    }
    if (this.#unreadable) return this.#unreadable
    return Date.now() > this.#progress.giveUpAt ? tooLate(message, transport.name) : undefined
  }

  async #transmit(
    message: Message,
    context: TransportContext,
    asked: readonly string[],
  ): Promise<Delivery | MailError> {
    const { transport } = this.#settings
    const beforeTransmission = (): Promise<void> => (this.#begun ??= this.#begin(message))
    const late = (said: Delivery | MailError): void => {
      void this.#settleLate(asked, said).finally(() => context.late?.(said))
    }
    try {
      if (transport.announcesTransmission !== true) await beforeTransmission()
    } catch (error) {
      return error as MailError
    }
    return sendThrough(transport, message, { ...context, beforeTransmission, late })
  }

  async #begin(message: Message): Promise<void> {
    const { store, transport } = this.#settings
    let isOurs: boolean
    try {
      isOurs = await store.begin(this.lease)
    } catch (error) {
      throw notBegun(message, transport.name, error)
    }
    if (!isOurs) throw foundElsewhere(message, transport.name)
  }

  #nextStep(asked: readonly string[], result: Delivery | MailError, attempts: number): NextStep {
    const step = nextStep(this.#progress, asked, result, attempts, this.#settings)
    const isHopeless = result === this.#unreadable && this.#unreadable.permanence === 'permanent'
    return isHopeless ? settled(step.progress) : step
  }

  /** What the server says after the attempt had ended as unknown settles the entry, unless somebody else did. */
  async #settleLate(asked: readonly string[], said: Delivery | MailError): Promise<void> {
    const before = await this.#recorded
    if (before?.change.state !== 'in-doubt') return
    const attempts = this.#attempts(said)
    this.#recorded = this.#record(nextStep(before.progress, asked, said, attempts, this.#settings), attempts)
    await this.#recorded
  }

  #attempts(result: Delivery | MailError): number {
    // What never left the queue was not tried.
    const isTried = !MailError.is(result) || result.stage !== 'queue'
    return this.lease.entry.attempts + (isTried ? 1 : 0)
  }

  /** Offers an outcome until the store takes it: what is known must not become a doubt. Undefined if the lease was lost. */
  async #record(step: NextStep, attempts: number): Promise<NextStep | undefined> {
    const { store, stoppedAt, storeFailed } = this.#settings
    const change = { ...step.change, attempts, progress: writeProgress(step.progress) }
    for (let pauseMs = 50; ; pauseMs = Math.min(pauseMs * 2, MOST_PAUSE_MS)) {
      try {
        return (await store.settle(this.lease, change)) ? step : undefined
      } catch (error) {
        storeFailed(error)
        if (performance.now() - (stoppedAt() ?? Infinity) > LAST_OFFERS_MS) {
          const { id, messageId = '' } = this.lease.entry
          process.emitWarning(
            `the outcome of ${messageId} (${change.state}) could not be recorded, and the entry ${id} will be in doubt: ${String(error)}`,
            'LoudmailWarning',
          )
          return undefined
        }
        await new Promise((resolve) => setTimeout(resolve, pauseMs))
      }
    }
  }
}

/** The progress of an entry that was leased. */
export function progressOf({ entry }: Lease): Progress {
  return readProgress(entry.progress)
}

/** What became of an entry with its last attempt: a failure if somebody did not get it, whichever attempt that was. */
function outcomeOf(
  { change, progress }: NextStep,
  result: Delivery | MailError,
  message: Message,
): Delivery | MailError {
  if (change.state === 'sent') return result
  return failureFor(message, progress.failures.at(-1)!, progress.recipients)
}

/** A stopped worker did nothing with the message. */
function isUntouched(result: Delivery | MailError): boolean {
  if (!MailError.is(result) || result.delivered !== 'none') return false
  return result.kind === 'aborted' || result.kind === 'pool-closed'
}

function verdict(result: Delivery | MailError): 'up' | 'down' | undefined {
  const isHeldBack = MailError.is(result) && (result.kind === 'queue-full' || result.kind === 'breaker-open')
  return isHeldBack ? 'down' : verdictOn(result)
}
