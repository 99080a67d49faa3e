import { MailError, type Delivery, type Message, type Transport, type TransportContext } from '@loudmail/core'
import { failureFor, sendThrough, tellFailed, verdictOn } from '@loudmail/core/transport'
import type { Announcements } from './announcements.ts'
import { foundElsewhere, hanging, notBegun, parked, tooLate } from './attempt-failures.ts'
import { recordOutcome, type RecordSettings } from './record-outcome.ts'
import { untilGivenUp } from './until-given-up.ts'
import { nextStep, settled, type Backoff, type NextStep } from '../entry/next-step.ts'
import { writeProgress, type Progress } from '../entry/progress.ts'
import type { Unpacked } from './work-source.ts'
import type { Lease } from '../store/store.ts'

/** What attempts need to know. */
export interface AttemptSettings extends Backoff, RecordSettings {
  readonly transport: Transport
  /** What to do with an entry whose worker died while it sent it. */
  readonly inDoubt: 'park' | 'resend'
  readonly announcements: Announcements
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

/** One attempt to send an entry. It ends when its outcome is in the store. */
export class Attempt {
  readonly lease: Lease
  readonly #settings: AttemptSettings
  readonly #unpacked: Unpacked
  #progress: Progress
  #begun: Promise<void> | undefined
  /** Its time is over, and the transport did not end: nothing of it may begin any more. */
  #isGivenUp = false
  readonly #first = Promise.withResolvers<NextStep | undefined>()
  /** What was recorded last; undefined if the lease was lost. */
  #recorded = this.#first.promise

  constructor(lease: Lease, settings: AttemptSettings, progress: Progress, unpacked: Unpacked) {
    this.lease = lease
    this.#settings = settings
    this.#progress = progress
    this.#unpacked = unpacked
  }

  /** The message, with all recipients: the last failure is about all of them. */
  get whole(): Message {
    return this.#unpacked.whole
  }

  /** Sends the message, and records what became of it. */
  async run(context: TransportContext): Promise<Attempted> {
    const { message, whole } = this.#unpacked
    const asked = this.#progress.open
    const refusal = this.#refusal(message, context)
    const result = refusal ?? (await this.#transmit(message, context, asked))
    const wasStopped = this.#settings.stoppedAt() !== undefined && isUntouched(result)
    const attempts = wasStopped ? this.lease.entry.attempts : this.#attempts(result)
    // Nothing happened, so the next worker goes on at once.
    const step: NextStep = wasStopped
      ? { progress: this.#progress, change: { state: 'waiting' } }
      : this.#nextStep(asked, result, attempts)
    const recorded = await this.#record(step, attempts)
    this.#first.resolve(recorded)
    const isRecorded = recorded !== undefined
    // An entry that somebody else has meanwhile is their business.
    const goesOn = step.change.state === 'waiting' || (MailError.is(result) && !isRecorded)
    return {
      result: goesOn ? result : outcomeOf(step, result, whole),
      goesOn,
      verdict: refusal ? undefined : verdict(result),
    }
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
    if (this.#unpacked.unreadable) return this.#unpacked.unreadable
    return Date.now() > this.#progress.giveUpAt ? tooLate(message, transport.name) : undefined
  }

  async #transmit(
    message: Message,
    context: TransportContext,
    asked: readonly string[],
  ): Promise<Delivery | MailError> {
    const late = (said: Delivery | MailError): void => {
      // What is neither, a mailer ignores as well.
      if (!MailError.is(said) && typeof said?.state !== 'string') return
      void this.#settleLate(asked, said).finally(() => context.late?.(said))
    }
    const sending = this.#send(message, { ...context, late })
    return untilGivenUp(sending, context.signal, () => {
      const { transport } = this.#settings
      this.#isGivenUp = true
      void sending.then(late)
      return hanging(message, transport.name, this.#begun !== undefined, context.signal)
    })
  }

  async #send(message: Message, context: TransportContext): Promise<Delivery | MailError> {
    const { transport, announcements } = this.#settings
    const beforeTransmission = (): Promise<void> => (this.#begun ??= this.#begin(message))
    try {
      if (!announcements.areReliable) await beforeTransmission()
    } catch (error) {
      return error as MailError
    }
    const result = await sendThrough(transport, message, { ...context, beforeTransmission })
    if (!this.#begun) announcements.addSilent(message, result)
    return result
  }

  async #begin(message: Message): Promise<void> {
    const { store, calls, transport } = this.#settings
    let isOurs: boolean
    try {
      isOurs = await calls.answer(store.begin(this.lease))
    } catch (error) {
      throw notBegun(message, transport.name, error)
    }
    if (!isOurs || this.#isGivenUp) throw foundElsewhere(message, transport.name)
  }

  #nextStep(asked: readonly string[], result: Delivery | MailError, attempts: number): NextStep {
    const step = nextStep(this.#progress, asked, result, attempts, this.#settings)
    const isHopeless = result === this.#unpacked.unreadable && result.permanence === 'permanent'
    return isHopeless ? settled(step.progress) : step
  }

  /** What the server says after the attempt had ended as unknown settles the entry, unless somebody else did. */
  async #settleLate(asked: readonly string[], said: Delivery | MailError): Promise<void> {
    const attempts = this.#attempts(said)
    // It may come before the first outcome is recorded, and what takes it back may follow.
    this.#recorded = this.#recorded.then((before) =>
      before?.change.state === 'in-doubt'
        ? this.#record(nextStep(before.progress, asked, said, attempts, this.#settings), attempts)
        : before,
    )
    await this.#recorded
  }

  /** Resolves to undefined if the lease was lost. */
  async #record(step: NextStep, attempts: number): Promise<NextStep | undefined> {
    const change = { ...step.change, attempts, progress: writeProgress(step.progress) }
    const isBegun = this.lease.entry.begun || this.#begun !== undefined
    const isRecorded = await recordOutcome(this.lease, change, isBegun, this.#settings)
    return isRecorded ? step : undefined
  }

  #attempts(result: Delivery | MailError): number {
    // What never left the queue was not tried.
    const isTried = !MailError.is(result) || result.stage !== 'queue'
    return this.lease.entry.attempts + (isTried ? 1 : 0)
  }
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
