import { MailError, type Delivery, type Mailer, type Message, type Transport } from '@loudmail/core'
import { failAll, sendThrough, tellFailed, wrap } from '@loudmail/core/transport'
import { nextStep, openRecipients, type Backoff } from '../entry/next-step.ts'
import { readProgress, writeProgress, type Progress } from '../entry/progress.ts'
import { unpackMessage } from '../message/packed-message.ts'
import type { Lease, OutboxStore } from '../store/store.ts'

/** How attempts are made. */
export interface AttemptOptions extends Backoff {
  readonly inDoubt: 'park' | 'resend'
}

/** One attempt to send an entry. */
interface Attempt {
  readonly lease: Lease
  progress: Progress
  readonly asked: readonly string[]
}

/** Sends what was leased, and records what becomes of it. */
export interface Attempts {
  /** For the mailer of the worker. */
  readonly transport: Transport
  /** Sends an entry, and records how that ended. Never rejects. */
  send(lease: Lease, mailer: Mailer): Promise<void>
  /** A lease was lost: somebody else has the entry. */
  lost(lease: Lease): void
  /** The store could not be read or written. */
  storeFailed(error: unknown): void
}

export function attempts(
  outbox: { readonly store: OutboxStore; readonly transport: Transport },
  { inDoubt, ...backoff }: AttemptOptions,
): Attempts {
  const { store, transport: inner } = outbox
  const underWay = new Map<Message, Attempt>()

  const wrapped = wrap('worker', inner, async (message, context): Promise<Delivery> => {
    const attempt = underWay.get(message)!
    const { lease } = attempt
    let begun: Promise<void> | undefined
    const beforeTransmission = (): Promise<void> => (begun ??= begin(attempt, message))
    let result: Delivery | MailError
    if (lease.entry.begun && inDoubt === 'park') result = parked(message)
    else {
      try {
        if (!inner.announcesTransmission) await beforeTransmission()
        result = await sendThrough(inner, message, { ...context, beforeTransmission })
      } catch (error) {
        result = error as MailError
      }
    }
    const { progress, change } = nextStep(
      attempt.progress,
      attempt.asked,
      result,
      lease.entry.attempts + 1,
      backoff,
    )
    attempt.progress = progress
    await store.settle(lease, { ...change, progress: writeProgress(progress) })
    if (!MailError.is(result)) return result
    if (change.state !== 'waiting') throw result
    tellFailed(context, result)
    return { transport: inner.name, state: 'queued', failures: [result] }
  })

  async function begin({ lease }: Attempt, message: Message): Promise<void> {
    if (await store.begin(lease)) return
    throw failAll(message, 'not-attempted', {
      stage: 'queue',
      kind: 'aborted',
      summary: 'another worker has the message',
      transport: inner.name,
    })
  }

  function parked(message: Message): MailError {
    return failAll(message, 'unknown', {
      stage: 'submit',
      kind: 'aborted',
      summary: 'the process that sent the message ended before the outcome was known',
      hint: 'Find out whether it arrived: look for its Message-ID in the log of the mail server. Then resolve the entry.',
      transport: inner.name,
    })
  }

  return {
    transport: { ...wrapped, close: async () => {} },
    async send(lease, mailer) {
      const { entry } = lease
      const progress = readProgress(entry.progress)
      const whole = unpackMessage(entry.head, (from, signal) => store.openBody(entry.id, from, signal))
      const asked = openRecipients(progress)
      const message = whole.forRecipients(asked)
      underWay.set(message, { lease, progress, asked })
      try {
        await mailer.send(message as never, {
          context: { outbox: { id: entry.id, attempt: entry.attempts + 1 } },
        })
      } finally {
        underWay.delete(message)
      }
    },
    lost() {},
    storeFailed(error) {
      process.emitWarning(String(error), 'LoudmailWarning')
    },
  }
}
