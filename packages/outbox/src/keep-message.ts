import { MailError, type Message } from '@loudmail/core'
import { entryId } from './entry/entry-id.ts'
import { writeProgress } from './entry/progress.ts'
import type { Seal } from './message/encryption/seal.ts'
import { packMessage, type PackedMessage } from './message/pack-message.ts'
import { readTiming, type EntryTiming } from './message/timing.ts'
import type { Added, OutboxStore } from './store/store.ts'

/** When a message is sent, and in whose transaction it is kept. */
export interface EnqueueOptions extends EntryTiming {
  /** A transaction of the caller: the message is sent if and only if it is committed. What it may be, the store says. */
  readonly using?: unknown
}

/** How messages are kept. */
interface Keeping {
  readonly store: OutboxStore
  /** That of the outbox. */
  readonly name: string
  readonly giveUpMs: number
  /** Encrypts them. */
  readonly seal: Seal | undefined
  /** Ends reading the content of the message. */
  readonly signal: AbortSignal | undefined
}

/** Puts a message into the store, with its content. @throws MailError with an outcome for every recipient */
export async function keepMessage(
  message: Message,
  { using, ...given }: EnqueueOptions,
  { store, name, giveUpMs, seal, signal }: Keeping,
): Promise<Added> {
  const { sendAt, priority = 0, giveUpAt } = readTiming(message.transportData, given)
  const { envelope, idempotencyKey, messageId, replayable } = message
  const { from, to } = envelope
  const createdAt = Date.now()
  const dueAt = sendAt?.getTime() ?? createdAt
  const progress = writeProgress({
    from,
    to,
    subject: seal ? undefined : (message as { subject?: string | undefined }).subject,
    giveUpAt: giveUpAt?.getTime() ?? dueAt + giveUpMs,
    open: to,
    recipients: [],
    failures: [],
  })
  const id = entryId()
  let packed: PackedMessage | undefined
  try {
    packed = await packMessage(message, id, { seal, signal })
    const { head, body } = packed
    const entry = { id, messageId, idempotencyKey, priority, dueAt, createdAt, progress, head, body }
    const added = await store.add(entry, using)
    if (!added.isNew) await refuseEnded(store, added.id)
    return added
  } catch (error) {
    if (!MailError.is(error)) throw error
    const status = error.delivered === 'unknown' ? 'unknown' : 'not-attempted'
    const recipients = to.map((address) => ({ address, status }) as const)
    const { permanence, hint } = error
    throw error.with({ transport: name, messageId, replayable, recipients, permanence, hint })
  } finally {
    await packed?.close()
  }
}

/** A message with the key of one that nobody sends any more would be `queued`, and never go out. */
async function refuseEnded(store: OutboxStore, id: string): Promise<void> {
  const { state } = (await store.get(id)) ?? {}
  if (state !== 'dead' && state !== 'discarded') return
  throw new MailError({
    stage: 'submit',
    kind: 'rejected',
    summary: `a message with the same idempotencyKey is in the outbox, and is ${state}: entry ${id}`,
    hint:
      state === 'dead'
        ? 'Try that entry again with `retry()`, once its cause is repaired. To send another message, give it another key.'
        : 'Somebody gave that message up. To send it nevertheless, give it another key.',
  })
}
